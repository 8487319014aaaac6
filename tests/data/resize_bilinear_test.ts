import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { decodeJpeg } from "ldlab/data/jpeg.ts";
import { bilinearTaps, resizeBilinear } from "ldlab/data/resize_bilinear.ts";
import { type GoldenCase, goldenCases } from "../golden.ts";

/** 10x7, value (37 x² + 61 y + 17 x y + 90 channel) mod 256. */
function pattern() {
  const data = Uint8Array.from({ length: 7 * 10 * 3 }, (_, at) => {
    const [channel, x, y] = [
      at % 3,
      Math.floor(at / 3) % 10,
      Math.floor(at / 30),
    ];
    return (37 * x * x + 61 * y + 17 * x * y + 90 * channel) % 256;
  });
  return { width: 10, height: 7, data };
}

Deno.test("resizeBilinear() is within a grey level of OpenCV's INTER_LINEAR of float images", () => {
  // cv2.resize(pattern.astype(np.float32), (13, 5), INTER_LINEAR), OpenCV 5.0.0:
  // the first two rows.
  // deno-fmt-ignore
  const first = [
    12.2, 102.2, 192.2, 38.615, 128.615, 185.138, 101, 169.338, 143.154, 154,
    192.8, 78, 102, 140.8, 26, 104.077, 142.877, 28.077, 120.4, 184.8, 70,
    121.431, 197.646, 137.985, 83.538, 122.338, 212.338, 62.308, 101.108,
    191.108, 54.231, 122.569, 212.569, 93.877, 112.985, 185.262, 172.6, 57.8,
    96.6,
  ];
  // deno-fmt-ignore
  const second = [
    97.6, 187.6, 124, 139.577, 129.146, 99.023, 155.285, 113.346, 79.285,
    137.977, 125.577, 91.515, 104.285, 91.885, 175.977, 124.669, 112.269,
    90.023, 133.7, 95.7, 108.9, 141.223, 91.408, 140.054, 159.054, 146.654,
    83.054, 156.131, 143.731, 80.131, 136.823, 94.885, 119.9, 119.946, 109.515,
    110.9, 113.8, 203.8, 37.8,
  ];
  const { data } = resizeBilinear(pattern(), 13, 5);
  for (const [row, expected] of [first, second].entries()) {
    for (const [at, value] of expected.entries()) {
      const off = Math.abs(data[row * 39 + at] - value);
      assert.ok(off < 1, `row ${row}, value ${at}: off by ${off}`);
    }
  }
});

Deno.test("resizeBilinear() equals OpenCV's INTER_LINEAR of 8 bits", async () => {
  const pixels = (one: GoldenCase) => one.name.startsWith("pixels: ");
  for (const one of await goldenCases("resize", pixels)) {
    const { shape: [height, width], data } = one.inputs.image;
    const image = { width, height, data: Uint8Array.from(data) };
    const resized = resizeBilinear(image, one.params.width, one.params.height);
    assert.deepEqual([...resized.data], one.outputs.image.data, one.name);
  }
});

Deno.test("resizeBilinear() equals OpenCV's INTER_LINEAR on BCCD at 1333x800", async () => {
  // SHA-256 of cv2.resize(pillow_rgb, size, interpolation=cv2.INTER_LINEAR) by
  // OpenCV 5.0.0: all values equal.
  const expected = [
    [
      1067,
      800,
      "57e860ef454107a6a049b0111c818765d45cbda30f51d7e1ca2e53e398cb3436",
    ],
    [
      341,
      256,
      "a2c585955769d2431c2787fd4a2008828f2d6da6a90b5f108231bd99617f0ca4",
    ],
  ] as const;
  const file = new URL(
    "../../data/bccd/JPEGImages/BloodImage_00000.jpg",
    import.meta.url,
  );
  const image = await decodeJpeg(await Deno.readFile(file));
  for (const [width, height, hash] of expected) {
    const { data } = resizeBilinear(image, width, height);
    assert.equal(createHash("sha256").update(data).digest("hex"), hash);
  }
});

Deno.test("resizeBilinear() is the identity when the size stays", () => {
  assert.deepEqual(resizeBilinear(pattern(), 10, 7), pattern());
});

Deno.test("resizeBilinear() does not filter: halving averages two of four, a third skips two of three", () => {
  const data = Uint8Array.from(
    [0, 90, 200, 60, 6, 0].flatMap((v) => [v, v, v]),
  );
  const image = { width: 6, height: 1, data };
  // Centres at source 0.5, 2.5, 4.5 and at 1, 4.
  const red = (width: number) =>
    [...resizeBilinear(image, width, 1).data].filter((_, at) => at % 3 === 0);
  assert.deepEqual(red(3), [45, 130, 3]);
  assert.deepEqual(red(2), [90, 6]);
});

Deno.test("bilinearTaps() repeats the border", () => {
  const taps = bilinearTaps(2, 6);
  // Source coordinates -1/3, 0, 1/3, 2/3, 1, 4/3.
  assert.deepEqual([...taps.lower], [0, 0, 0, 0, 1, 1]);
  assert.deepEqual([...taps.upper], [1, 1, 1, 1, 1, 1]);
  const expected = [0, 0, 1 / 3, 2 / 3, 0, 0].map(Math.fround);
  taps.weight.forEach((weight, at) => {
    assert.ok(Math.abs(weight - expected[at]) < 1e-6);
  });
});

Deno.test("resizeBilinear() fails when a side is not a positive integer", () => {
  assert.throws(() => resizeBilinear(pattern(), 3, 0), RangeError);
});
