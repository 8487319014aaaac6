import type { JpegChannel } from "./jpeg_coefficients.ts";

/** cos and sin of multiples of π/16, combined, times 2^13. */
const [
  C_0_298,
  C_0_390,
  C_0_541,
  C_0_765,
  C_0_899,
  C_1_175,
  C_1_501,
  C_1_847,
  C_1_961,
  C_2_053,
  C_2_562,
  C_3_072,
  // deno-fmt-ignore
] = [
  2446,
  3196,
  4433,
  6270,
  7373,
  9633,
  12299,
  15137,
  16069,
  16819,
  20995,
  25172,
];

/**
 * Turns the coefficients of a channel into samples, bit for bit as libjpeg's
 * accurate integer transform.
 *
 * @param channel The channel.
 * @returns [rows * 8 * columns * 8], 0 to 255, row by row.
 * @see C. Loeffler, A. Ligtenberg and G. Moschytz, Practical fast 1-D DCT
 * algorithms with 11 multiplications, ICASSP 1989; libjpeg's `jidctint.c`.
 */
export function jpegSamples(
  { columns, rows, quantization, coefficients }: JpegChannel,
): Uint8ClampedArray {
  const width = columns * 8;
  const samples = new Uint8ClampedArray(width * rows * 8);
  const block = new Int32Array(64);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = (row * columns + column) * 64;
      for (let k = 0; k < 64; k++) {
        block[k] = coefficients[at + k] * quantization[k];
      }
      for (let x = 0; x < 8; x++) transform(block, x, 8, 11);
      for (let y = 0; y < 8; y++) transform(block, y * 8, 1, 18);
      for (let y = 0; y < 8; y++) {
        const to = (row * 8 + y) * width + column * 8;
        for (let x = 0; x < 8; x++) samples[to + x] = block[y * 8 + x] + 128;
      }
    }
  }
  return samples;
}

/** The transform of eight numbers, in place, divided by 2^shift. */
function transform(
  block: Int32Array,
  start: number,
  step: number,
  shift: number,
): void {
  const at = (k: number) => block[start + k * step];
  const even = (at(2) + at(6)) * C_0_541;
  const even2 = even - at(6) * C_1_847;
  const even3 = even + at(2) * C_0_765;
  const even0 = (at(0) + at(4)) * 8192;
  const even1 = (at(0) - at(4)) * 8192;
  const sums = [even0 + even3, even1 + even2, even1 - even2, even0 - even3];

  const odd = (at(7) + at(3) + at(5) + at(1)) * C_1_175;
  const z1 = -(at(7) + at(1)) * C_0_899;
  const z2 = -(at(5) + at(3)) * C_2_562;
  const z3 = odd - (at(7) + at(3)) * C_1_961;
  const z4 = odd - (at(5) + at(1)) * C_0_390;
  const differences = [
    at(1) * C_1_501 + z1 + z4,
    at(3) * C_3_072 + z2 + z3,
    at(5) * C_2_053 + z2 + z4,
    at(7) * C_0_298 + z1 + z3,
  ];

  const half = 1 << (shift - 1);
  for (let k = 0; k < 4; k++) {
    block[start + k * step] = (sums[k] + differences[k] + half) >> shift;
    block[start + (7 - k) * step] = (sums[k] - differences[k] + half) >> shift;
  }
}
