import { checkImageSize, type RgbImage } from "./image.ts";

/**
 * Resizes an image by area averaging: a target pixel is the mean of the source
 * over the rectangle it covers, source pixels at the rim counted by the part
 * that is covered. Exact for any ratio, 2.5 included.
 *
 * Use it to shrink photographs; nothing is skipped and nothing aliases.
 *
 * @param image The source.
 * @param width The target's width in pixels, at least 1.
 * @param height The target's height in pixels, at least 1.
 * @returns The target, rounded to 8 bits.
 * @throws {RangeError} If a side is not a positive integer.
 * @see OpenCV's `INTER_AREA`, the same where both sides shrink.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { resizeArea } from "ldlab/data/resize_area.ts";
 *
 * // 5 pixels to 2: each covers 2.5, (10 + 20 + 0.5 · 30) / 2.5 = 18.
 * const grey = [10, 20, 30, 40, 50].flatMap((value) => [value, value, value]);
 * const image = { width: 5, height: 1, data: new Uint8Array(grey) };
 * assert.deepEqual([...resizeArea(image, 2, 1).data], [18, 18, 18, 42, 42, 42]);
 * ```
 */
export function resizeArea(
  image: RgbImage,
  width: number,
  height: number,
): RgbImage {
  checkImageSize(width, height);
  const columns = areaTaps(image.width, width);
  const rows = areaTaps(image.height, height);
  const rowLength = image.width * 3;
  const accumulated = new Float32Array(rowLength);
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, to = 0; y < height; y++) {
    accumulated.fill(0);
    for (let tap = rows.start[y]; tap < rows.start[y + 1]; tap++) {
      const from = rows.index[tap] * rowLength;
      const weight = rows.weight[tap];
      for (let i = 0; i < rowLength; i++) {
        accumulated[i] += image.data[from + i] * weight;
      }
    }
    for (let x = 0; x < width; x++, to += 3) {
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let tap = columns.start[x]; tap < columns.start[x + 1]; tap++) {
        const from = columns.index[tap] * 3;
        const weight = columns.weight[tap];
        red += accumulated[from] * weight;
        green += accumulated[from + 1] * weight;
        blue += accumulated[from + 2] * weight;
      }
      data[to] = Math.round(red);
      data[to + 1] = Math.round(green);
      data[to + 2] = Math.round(blue);
    }
  }
  return { width, height, data };
}

/** Source pixels and weights (sum 1) of target pixel t: start[t] to start[t+1]. */
function areaTaps(sourceSize: number, targetSize: number) {
  const start = new Int32Array(targetSize + 1);
  const index: number[] = [];
  const weight: number[] = [];
  for (let target = 0; target < targetSize; target++) {
    // In units of 1/targetSize source pixels all bounds are whole numbers.
    const from = target * sourceSize;
    const to = from + sourceSize;
    const first = Math.floor(from / targetSize);
    for (let pixel = first; pixel < sourceSize; pixel++) {
      const covered = Math.min(to, (pixel + 1) * targetSize) -
        Math.max(from, pixel * targetSize);
      if (covered <= 0) break;
      index.push(pixel);
      weight.push(covered / sourceSize);
    }
    start[target + 1] = index.length;
  }
  return {
    start,
    index: Int32Array.from(index),
    weight: Float64Array.from(weight),
  };
}
