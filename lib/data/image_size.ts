import { open } from "node:fs/promises";
import { foreignFormat } from "./foreign_format.ts";
import { readJpegFrame } from "./jpeg_frame.ts";
import { readJpegOrientation } from "./jpeg_orientation.ts";
import { isPng } from "./png.ts";

/** Bytes of a file's start that are read first; of a JPEG file more if needed. */
const FIRST_BYTES = 2 ** 12;

/**
 * Reads the size of an image from the header of its file: nothing is decoded.
 *
 * Use it for datasets whose annotations do not give the size. It is that of the
 * image `loadImage` gives: turned as its EXIF orientation says.
 *
 * @param path A PNG or JPEG file, whatever its name.
 * @returns Width and height in pixels.
 * @throws {Deno.errors.NotFound} If the file is missing.
 * @throws {SyntaxError} If it is not a PNG or JPEG file, or its header is cut
 * short.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readImageSize } from "ldlab/data/image_size.ts";
 *
 * assert.deepEqual(
 *   await readImageSize("data/bccd/JPEGImages/BloodImage_00000.jpg"),
 *   { width: 640, height: 480 },
 * );
 * ```
 */
export async function readImageSize(
  path: string,
): Promise<{ readonly width: number; readonly height: number }> {
  const bad = (why: string, remedy: string) =>
    new SyntaxError(
      `Cannot read the size of image ${path}: ${why}. ${remedy}, or take its record out of the split`,
    );
  await using file = await open(path).catch((error) => {
    if (error.code !== "ENOENT") throw error;
    throw new Deno.errors.NotFound(
      `Cannot read the size of image ${path}: the file is missing. Add it, or take its record out of the split`,
    );
  });
  const { size } = await file.stat();
  for (let length = FIRST_BYTES;; length *= 4) {
    const bytes = new Uint8Array(Math.min(length, size));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    const found = sizeOf(bytes.subarray(0, bytesRead));
    if (found) return found;
    if (bytes[0] !== 0xff || bytes[1] !== 0xd8) {
      if (isPng(bytes)) {
        throw bad("its PNG header is damaged", "Copy the file again");
      }
      const format = foreignFormat(bytes);
      throw bad(
        format
          ? `it is a ${format} file, not PNG or JPEG`
          : "it is not a PNG or JPEG file",
        "Convert it to PNG",
      );
    }
    if (length >= size) {
      throw bad("its JPEG header is cut short", "Copy the file again");
    }
  }
}

/** The size that the start of a file tells; undefined where it tells none. */
function sizeOf(bytes: Uint8Array) {
  if (isPng(bytes)) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (bytes.length < 24) return;
    const [width, height] = [view.getUint32(16), view.getUint32(20)];
    return width > 0 && height > 0 ? { width, height } : undefined;
  }
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return;
  const frame = readJpegFrame(bytes);
  if (!frame || frame.width === 0 || frame.height === 0) return;
  const { width, height } = frame;
  return readJpegOrientation(bytes) >= 5
    ? { width: height, height: width }
    : { width, height };
}
