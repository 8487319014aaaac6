import { crc32, inflateSync } from "node:zlib";
import { checkPixelCount, type RgbImage } from "./image.ts";
import { pngDataLength, type PngHeader, pngPixels } from "./png_pixels.ts";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Bits that each colour type may have. */
const BITS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/**
 * Whether bytes are the start of a PNG file.
 *
 * @param bytes The file, or at least its first 8 bytes.
 * @returns True for the signature of PNG.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { isPng } from "ldlab/data/png.ts";
 *
 * assert.equal(isPng(Uint8Array.from([0xff, 0xd8, 0xff])), false);
 * ```
 */
export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, at) => bytes[at] === byte);
}

/**
 * Decodes a PNG image to RGB of 8 bits.
 *
 * Use it for images of a dataset. As the reference has it, of 16 bits the upper
 * 8 stay, grey and palette become RGB, and alpha is left out, not blended.
 * Interlaced files are read; colour profiles and gamma are not applied.
 *
 * @param bytes The whole file, at most 2^26 pixels.
 * @param source Named in errors, for example the file's path.
 * @returns The image.
 * @throws {SyntaxError} If the bytes are not a PNG image, are cut short or
 * damaged (each part's checksum is checked).
 * @throws {RangeError} If the image has more pixels; nothing is inflated then.
 * @see PNG specification, third edition. MMDetection 3.3.0 `LoadImageFromFile`,
 * which is OpenCV's `imdecode` with `IMREAD_COLOR`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { decodePng } from "ldlab/data/png.ts";
 *
 * const file = Uint8Array.fromBase64(
 *   "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC",
 * );
 * assert.deepEqual([...decodePng(file).data], [255, 0, 0]);
 * ```
 */
export function decodePng(bytes: Uint8Array, source = "PNG bytes"): RgbImage {
  const bad = (why: string) =>
    new SyntaxError(
      `Cannot read image ${source}: ${why}. Copy the file again, or take its record out of the split`,
    );
  if (!isPng(bytes)) throw bad("it is not a PNG file");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const parts: Uint8Array[] = [];
  let header: PngHeader | undefined;
  let palette: Uint8Array | undefined;
  let kind = "";
  for (let at = SIGNATURE.length; kind !== "IEND";) {
    if (at + 12 > bytes.length) throw bad(cutShort(bytes));
    const length = view.getUint32(at);
    const end = at + 8 + length;
    if (end + 4 > bytes.length) throw bad(cutShort(bytes));
    kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) {
      throw bad(`its part ${JSON.stringify(kind)} is damaged`);
    }
    const data = bytes.subarray(at + 8, end);
    if (!header) {
      header = readHeader(kind, data, bad);
      checkPixelCount(source, header.width, header.height);
    } else if (kind === "PLTE") palette = data;
    else if (kind === "IDAT") parts.push(data);
    at = end + 4;
  }
  if (!header || parts.length === 0) throw bad("it has no pixels");
  if (header.colourType === 3 && !palette) throw bad("it has no palette");
  try {
    const data = inflate(parts, pngDataLength(header));
    return pngPixels(header, data, palette);
  } catch (error) {
    throw bad((error as Error).message);
  }
}

function readHeader(
  kind: string,
  data: Uint8Array,
  bad: (why: string) => SyntaxError,
): PngHeader {
  if (kind !== "IHDR" || data.length !== 13) {
    throw bad("it does not begin with a header");
  }
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [bits, colourType, compression, filter, interlace] = data.subarray(8);
  if (width === 0 || height === 0) throw bad(`its size is ${width}x${height}`);
  if (
    !BITS[colourType]?.includes(bits) || compression !== 0 || filter !== 0 ||
    interlace > 1
  ) {
    throw bad(
      `its header is damaged: colour type ${colourType}, ${bits} bits, compression ${compression}, filter ${filter}, interlace ${interlace}`,
    );
  }
  return { width, height, bits, colourType, interlaced: interlace === 1 };
}

function inflate(parts: readonly Uint8Array[], length: number): Uint8Array {
  const joined = new Uint8Array(
    parts.reduce((sum, part) => sum + part.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  let data: Uint8Array;
  try {
    data = inflateSync(joined, { maxOutputLength: length });
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_BUFFER_TOO_LARGE") {
      throw error;
    }
    throw new SyntaxError(`it has more than ${length} bytes of pixels`);
  }
  if (data.length < length) {
    throw new SyntaxError(
      `it has ${data.length} bytes of pixels, not ${length}`,
    );
  }
  return data;
}

function cutShort(bytes: Uint8Array): string {
  return `it is cut short after ${bytes.length} bytes`;
}
