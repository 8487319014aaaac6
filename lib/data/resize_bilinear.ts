import { checkImageSize, type RgbImage } from "./image.ts";

/** Bilinear interpolation along one axis: a target pixel's two source pixels. */
export interface BilinearTaps {
  /** [target], index of the pixel below. */
  readonly lower: Int32Array;
  /** [target], index of the pixel above; equal to `lower` at the border. */
  readonly upper: Int32Array;
  /** [target], weight of `upper`, in [0, 1). */
  readonly weight: Float32Array;
}

/**
 * Where bilinear interpolation reads along one axis, pixel centres at half
 * coordinates, the border repeated:
 * source = (target + 0.5) · sourceSize / targetSize − 0.5.
 *
 * @param sourceSize Pixels of the source along the axis, at least 1.
 * @param targetSize Pixels of the target along the axis, at least 1.
 * @returns The two source pixels and the weight of the second, per target pixel.
 * @see OpenCV's `INTER_LINEAR`, modules/imgproc/src/resize.cpp.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { bilinearTaps } from "ldlab/data/resize_bilinear.ts";
 *
 * const taps = bilinearTaps(2, 4); // source coordinates -0.25, 0.25, 0.75, 1.25
 * assert.deepEqual([...taps.lower], [0, 0, 0, 1]);
 * assert.deepEqual([...taps.weight], [0, 0.25, 0.75, 0]);
 * ```
 */
export function bilinearTaps(
  sourceSize: number,
  targetSize: number,
): BilinearTaps {
  const lower = new Int32Array(targetSize);
  const upper = new Int32Array(targetSize);
  const weight = new Float32Array(targetSize);
  for (let target = 0; target < targetSize; target++) {
    const source = (target + 0.5) * sourceSize / targetSize - 0.5;
    const inside = Math.min(Math.max(source, 0), sourceSize - 1);
    lower[target] = Math.floor(inside);
    upper[target] = Math.min(lower[target] + 1, sourceSize - 1);
    weight[target] = inside - lower[target];
  }
  return { lower, upper, weight };
}

/** Weights of one axis are whole numbers of 1 / 2048. */
const COEFFICIENT_BITS = 11;

/**
 * Resizes an image by bilinear interpolation without a low-pass filter, with
 * OpenCV's arithmetic: weights of 11 bits, and each of the two rows cut to a
 * quarter of a grey level before they are added. All values equal OpenCV's; they
 * differ from exact interpolation by less than one grey level.
 *
 * Use it to enlarge, for small changes of scale, and wherever published
 * detectors are to see the pixels they were trained on: MMDetection resizes so
 * in both directions. To shrink an image by more than about 1.5 for its own
 * sake, `resizeArea` keeps what this one skips.
 *
 * @param image The source.
 * @param width The target's width in pixels, at least 1.
 * @param height The target's height in pixels, at least 1.
 * @returns The target.
 * @throws {RangeError} If a side is not a positive integer.
 * @see OpenCV 5.0.0 `resize` with `INTER_LINEAR` of 8 bits,
 * modules/imgproc/src/resize.cpp.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { resizeBilinear } from "ldlab/data/resize_bilinear.ts";
 *
 * const data = new Uint8Array([0, 0, 0, 100, 200, 40]);
 * const wide = resizeBilinear({ width: 2, height: 1, data }, 4, 1);
 * assert.deepEqual([...wide.data.slice(3, 6)], [25, 50, 10]);
 * ```
 */
export function resizeBilinear(
  image: RgbImage,
  width: number,
  height: number,
): RgbImage {
  checkImageSize(width, height);
  const columns = fixedPointTaps(image.width, width);
  const rows = fixedPointTaps(image.height, height);
  // Past the border OpenCV takes all of the border's column, but mixes the
  // border's row with itself, which may cut off a grey level.
  for (let x = 0; x < width; x++) {
    if (columns.lower[x] === columns.upper[x]) {
      columns.lowerWeight[x] = 1 << COEFFICIENT_BITS;
      columns.upperWeight[x] = 0;
    }
  }
  const data = new Uint8Array(width * height * 3);
  // Widened rows of the source; as y grows, the lower one was the upper one.
  let [above, below] = [
    new Int32Array(width * 3),
    new Int32Array(width * 3),
  ];
  let [aboveIs, belowIs] = [-1, -1];
  for (let y = 0, to = 0; y < height; y++) {
    if (rows.lower[y] === belowIs) {
      [above, below] = [below, above];
      [aboveIs, belowIs] = [belowIs, aboveIs];
    }
    if (rows.lower[y] !== aboveIs) {
      aboveIs = rows.lower[y];
      widenRow(image, aboveIs, columns, above);
    }
    if (rows.upper[y] !== belowIs) {
      belowIs = rows.upper[y];
      widenRow(image, belowIs, columns, below);
    }
    const [first, second] = [rows.lowerWeight[y], rows.upperWeight[y]];
    for (let at = 0; at < above.length; at++) {
      data[to++] = (((above[at] >> 4) * first >> 16) +
        ((below[at] >> 4) * second >> 16) + 2) >> 2;
    }
  }
  return { width, height, data };
}

/** Two source pixels of each target pixel and their weights, in 1 / 2048. */
interface FixedPointTaps {
  readonly lower: Int32Array;
  readonly upper: Int32Array;
  readonly lowerWeight: Int32Array;
  readonly upperWeight: Int32Array;
}

/** OpenCV's taps: coordinates in float32, weights rounded half to even. */
function fixedPointTaps(
  sourceSize: number,
  targetSize: number,
): FixedPointTaps {
  const taps = {
    lower: new Int32Array(targetSize),
    upper: new Int32Array(targetSize),
    lowerWeight: new Int32Array(targetSize),
    upperWeight: new Int32Array(targetSize),
  };
  const step = 1 / (targetSize / sourceSize);
  const last = sourceSize - 1;
  for (let target = 0; target < targetSize; target++) {
    const source = Math.fround((target + 0.5) * step - 0.5);
    const pixel = Math.floor(source);
    const weight = Math.fround(source - pixel);
    taps.lower[target] = Math.min(Math.max(pixel, 0), last);
    taps.upper[target] = Math.min(Math.max(pixel + 1, 0), last);
    taps.lowerWeight[target] = inFixedPoint(Math.fround(1 - weight));
    taps.upperWeight[target] = inFixedPoint(weight);
  }
  return taps;
}

function inFixedPoint(weight: number): number {
  const scaled = weight * (1 << COEFFICIENT_BITS);
  const down = Math.floor(scaled);
  const rest = scaled - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down;
}

/** One row of the source at the target's width, in 1 / 2048 grey levels. */
function widenRow(
  { width, data }: RgbImage,
  row: number,
  { lower, upper, lowerWeight, upperWeight }: FixedPointTaps,
  widened: Int32Array,
): void {
  const start = row * width * 3;
  for (let x = 0, to = 0; x < lower.length; x++, to += 3) {
    const [left, right] = [start + lower[x] * 3, start + upper[x] * 3];
    const [first, second] = [lowerWeight[x], upperWeight[x]];
    widened[to] = data[left] * first + data[right] * second;
    widened[to + 1] = data[left + 1] * first + data[right + 1] * second;
    widened[to + 2] = data[left + 2] * first + data[right + 2] * second;
  }
}
