import type { ImageWindow } from "./dataset.ts";
import { checkImageSize, type RgbImage } from "./image.ts";

/** What lies beyond the image: about ImageNet's mean colour, RGB. */
const PADDING = [124, 116, 104];

/**
 * Cuts a window out of an image and pads it to a size.
 *
 * Use it for patches of large images; `loadImage` does so for records that are
 * windows. The window comes into the upper left corner; to its right and below
 * the patch is 124, 116, 104.
 *
 * @param image The image.
 * @param window A part of the image, in its pixels.
 * @param size Width and height of the patch, at least the window's.
 * @returns The patch.
 * @throws {RangeError} If the window is not in the image, or not in the patch.
 * @see MMRotate 0.3.4, `tools/data/dota/split/img_split.py`,
 * `crop_and_save_img`; its configs of DOTA pad with [104, 116, 124], BGR.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { cutWindow } from "ldlab/data/cut_window.ts";
 *
 * const image = { width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
 * const window = { left: 1, top: 0, width: 1, height: 1 };
 * const patch = cutWindow(image, window, { width: 2, height: 1 });
 * assert.deepEqual([...patch.data], [4, 5, 6, 124, 116, 104]);
 * ```
 */
export function cutWindow(
  image: RgbImage,
  window: Omit<ImageWindow, "file">,
  size: { readonly width: number; readonly height: number },
): RgbImage {
  const { left, top, width, height } = window;
  checkImageSize(size.width, size.height);
  const name = `${width}x${height} at ${left}, ${top}`;
  if (!holds(image, window)) {
    throw new RangeError(
      `Cannot cut window: it must be in the image of ${image.width}x${image.height} pixels: current window is ${name}`,
    );
  }
  if (width > size.width || height > size.height) {
    throw new RangeError(
      `Cannot cut window: it must fit a patch of ${size.width}x${size.height} pixels: current window is ${name}`,
    );
  }
  const data = new Uint8Array(size.width * size.height * 3);
  if (width < size.width || height < size.height) {
    for (let at = 0; at < data.length; at++) data[at] = PADDING[at % 3];
  }
  for (let row = 0; row < height; row++) {
    const start = ((top + row) * image.width + left) * 3;
    data.set(
      image.data.subarray(start, start + width * 3),
      row * size.width * 3,
    );
  }
  return { width: size.width, height: size.height, data };
}

/**
 * Whether a window is a part of an image: of whole pixels, at least one.
 *
 * @param image Its width and height in pixels.
 * @param window In the image's pixels.
 * @returns True where all of the window is in the image.
 */
export function holds(
  image: { readonly width: number; readonly height: number },
  { left, top, width, height }: Omit<ImageWindow, "file">,
): boolean {
  return [left, top, width, height].every(Number.isInteger) &&
    left >= 0 && top >= 0 && width > 0 && height > 0 &&
    left + width <= image.width && top + height <= image.height;
}
