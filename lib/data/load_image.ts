import type { ImageRecord } from "./dataset.ts";
import type { RgbImage } from "./image.ts";
import { decodeJpeg } from "./jpeg.ts";
import { decodePng, isPng } from "./png.ts";
import { drawScene } from "./scene_drawing.ts";

/**
 * The pixels of a record at their original size: read from its file and turned
 * as its EXIF orientation says, or drawn where the record is a scene.
 *
 * Use it to show an image; for training and evaluation a loader does this in a
 * worker.
 *
 * @param record The record.
 * @returns The image, of the record's width and height.
 * @throws {Deno.errors.NotFound} If the file is missing.
 * @throws {SyntaxError} If the file is not a whole PNG image, nor a whole JPEG
 * image of grey levels or RGB.
 * @throws {RangeError} If the file has more than 2^26 pixels, or another size
 * (turned) than the record says.
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
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(record.path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Deno.errors.NotFound(
      `Cannot read image of ${record.id}: ${record.path} is missing. Add the file, or take ${record.id} out of the split`,
    );
  }
  const image = isPng(bytes)
    ? decodePng(bytes, record.path)
    : await decodeJpeg(bytes, record.path);
  if (image.width !== record.width || image.height !== record.height) {
    throw new RangeError(
      `Cannot use image ${record.path}: it must have the size of its annotation ${record.annotation}, ${record.width}x${record.height}: current size is ${image.width}x${image.height}. Correct the annotation's size (and boxes), or the image`,
    );
  }
  return image;
}
