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

/** The most pixels of an image that are decoded: at 11 bytes each, 0.7 GiB. */
const MOST_PIXELS = 2 ** 26;

/**
 * Guards memory: refuses an image by its header, before its pixels are decoded.
 *
 * @param source Named in the error, for example the file's path.
 * @param width Pixels, as the header says.
 * @param height Pixels, as the header says.
 * @throws {RangeError} If the image has more than 2^26 pixels.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { checkPixelCount } from "ldlab/data/image.ts";
 *
 * checkPixelCount("a.jpg", 8192, 8192);
 * assert.throws(() => checkPixelCount("a.jpg", 1_000_000, 480), RangeError);
 * ```
 */
export function checkPixelCount(
  source: string,
  width: number,
  height: number,
): void {
  if (width * height > MOST_PIXELS) {
    throw new RangeError(
      `Cannot read image ${source}: it must have at most ${MOST_PIXELS} pixels: current size is ${width}x${height}. Cut it into parts, or take its record out of the split`,
    );
  }
}
