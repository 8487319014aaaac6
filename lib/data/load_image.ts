import { cutWindow, holds } from "./cut_window.ts";
import type { ImageRecord } from "./dataset.ts";
import type { RgbImage } from "./image.ts";
import { decodeJpeg } from "./jpeg.ts";
import { decodePng, isPng } from "./png.ts";
import { drawScene } from "./scene_drawing.ts";

/**
 * The pixels of a record at their original size: read from its file and turned
 * as its EXIF orientation says, cut out and padded where the record is a window,
 * or drawn where it is a scene.
 *
 * Use it to show an image; for training and evaluation a loader does this in a
 * worker.
 *
 * @param record The record.
 * @returns The image, of the record's width and height.
 * @throws {Deno.errors.NotFound} If the file is missing.
 * @throws {SyntaxError} If the file is not a whole PNG or JPEG image.
 * @throws {RangeError} If the file has more than 2^26 pixels, or another size
 * (turned) than the record says, or the record's window is not in it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadImage } from "ldlab/data/load_image.ts";
 * import { makeScenes } from "ldlab/data/scenes.ts";
 *
 * const image = await loadImage(makeScenes({ seed: 1, count: 1 }).images[0]);
 * assert.deepEqual([image.width, image.height], [128, 96]);
 * ```
 */
export async function loadImage(record: ImageRecord): Promise<RgbImage> {
  if (record.scene) return drawScene(record.scene);
  const { window, width, height } = record;
  const path = window?.file ?? record.path;
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Deno.errors.NotFound(
      `Cannot read image of ${record.id}: ${path} is missing. Add the file, or take ${record.id} out of the split`,
    );
  }
  const image = isPng(bytes)
    ? decodePng(bytes, path)
    : await decodeJpeg(bytes, path);
  if (window) {
    if (!holds(image, window)) {
      throw new RangeError(
        `Cannot use image ${path}: it must hold the window of ${record.id}, ${window.width}x${window.height} at ${window.left}, ${window.top}: current size is ${image.width}x${image.height}. Read the dataset again, or correct the image`,
      );
    }
    return cutWindow(image, window, record);
  }
  if (image.width !== width || image.height !== height) {
    throw new RangeError(
      `Cannot use image ${path}: it must have the size of its annotation ${record.annotation}, ${width}x${height}: current size is ${image.width}x${image.height}. Correct the annotation's size (and boxes), or the image`,
    );
  }
  return image;
}
