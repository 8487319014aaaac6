/** An image of 8 bits a channel: [height * width * 3], row-major, RGB. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/**
 * Guards a size in pixels.
 *
 * @param width A positive integer.
 * @param height A positive integer.
 * @throws {RangeError} If a side is not a positive integer.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { checkImageSize } from "ldlab/data/image.ts";
 *
 * checkImageSize(256, 192);
 * assert.throws(() => checkImageSize(256, 0), RangeError);
 * ```
 */
export function checkImageSize(width: number, height: number): void {
  for (const side of [width, height]) {
    if (!Number.isInteger(side) || side < 1) {
      throw new RangeError(
        `Cannot size an image: width and height must be positive integers: current size is ${width}x${height}`,
      );
    }
  }
}
