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

/**
 * Resizes an image by bilinear interpolation without a low-pass filter.
 *
 * Use it to enlarge, and for small changes of scale. To shrink an image by more
 * than about 1.5, `resizeArea` keeps what this one skips.
 *
 * @param image The source.
 * @param width The target's width in pixels, at least 1.
 * @param height The target's height in pixels, at least 1.
 * @returns The target, rounded to 8 bits.
 * @throws {RangeError} If a side is not a positive integer.
 * @see OpenCV's `INTER_LINEAR`; it computes in fixed point, so a value may
 * differ by one grey level.
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
  const columns = bilinearTaps(image.width, width);
  const rows = bilinearTaps(image.height, height);
  const source = image.data;
  const data = new Uint8Array(width * height * 3);
  let to = 0;
  for (let y = 0; y < height; y++) {
    const top = rows.lower[y] * image.width;
    const bottom = rows.upper[y] * image.width;
    const down = rows.weight[y];
    for (let x = 0; x < width; x++) {
      const [left, right] = [columns.lower[x], columns.upper[x]];
      const across = columns.weight[x];
      for (let channel = 0; channel < 3; channel++) {
        const a = source[(top + left) * 3 + channel];
        const b = source[(top + right) * 3 + channel];
        const c = source[(bottom + left) * 3 + channel];
        const d = source[(bottom + right) * 3 + channel];
        const above = a + (b - a) * across;
        const below = c + (d - c) * across;
        data[to++] = Math.round(above + (below - above) * down);
      }
    }
  }
  return { width, height, data };
}
