import type { RgbImage } from "./image.ts";

/**
 * Turns an image as an EXIF orientation says.
 *
 * @param image The image as stored.
 * @param orientation 1 to 8: 1 leaves it, 2 mirrors it, 3 turns it by 180°, 4
 * does both; 5 to 8 exchange rows and columns: 6 turns it by 90° clockwise, 8
 * counterclockwise, 5 and 7 are their mirror images.
 * @returns The image as seen; from 5 on it is as wide as the stored one is high.
 * @see CIPA DC-008 (Exif 2.32), 4.6.4.A, "Orientation".
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { turnImage } from "ldlab/data/turn_image.ts";
 *
 * const image = { width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
 * assert.deepEqual(turnImage(image, 8), {
 *   width: 1,
 *   height: 2,
 *   data: Uint8Array.of(4, 5, 6, 1, 2, 3),
 * });
 * ```
 */
export function turnImage(image: RgbImage, orientation: number): RgbImage {
  if (orientation === 1) return image;
  const isTransposed = orientation >= 5;
  const fromRight = [2, 3, 7, 8].includes(orientation);
  const fromBottom = [3, 4, 6, 7].includes(orientation);
  const [width, height] = isTransposed
    ? [image.height, image.width]
    : [image.width, image.height];
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 3) {
      const [column, row] = isTransposed ? [y, x] : [x, y];
      const from = ((fromBottom ? image.height - 1 - row : row) * image.width +
        (fromRight ? image.width - 1 - column : column)) * 3;
      data[to] = image.data[from];
      data[to + 1] = image.data[from + 1];
      data[to + 2] = image.data[from + 2];
    }
  }
  return { width, height, data };
}
