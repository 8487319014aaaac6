/** The tag of the orientation, and the two types it may have. */
const ORIENTATION = 0x0112;
const SHORT = 3;
const LONG = 4;

/**
 * Reads how a JPEG file's EXIF part says its image is turned.
 *
 * Use it where the size or the pixels as they are stored are known, and those
 * that are seen are wanted. From 5 on, width and height change places.
 *
 * @param bytes The file, or its start up to the frame header.
 * @returns 1 to 8; 1, upright as stored, where the file does not say.
 * @see CIPA DC-008 (Exif 2.32), 4.6.2 and 4.6.4.A, "Orientation".
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readJpegOrientation } from "ldlab/data/jpeg_orientation.ts";
 *
 * const directory = [0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0];
 * const exif = [0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 42, 0, 0, 0, 8, ...directory];
 * const start = [0xff, 0xd8, 0xff, 0xe1, 0, exif.length + 2, ...exif];
 * assert.equal(readJpegOrientation(Uint8Array.from(start)), 6);
 * ```
 */
export function readJpegOrientation(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 2; at + 4 <= bytes.length;) {
    const marker = bytes[at + 1];
    // Fill bytes, or the first scan: EXIF stands before it.
    if (bytes[at] !== 0xff || marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0xda || marker === 0xd9) break;
    const end = at + 2 + view.getUint16(at + 2);
    if (marker === 0xe1 && end <= bytes.length && isExif(bytes, at + 4)) {
      return orientationOf(
        new DataView(bytes.buffer, bytes.byteOffset + at + 10, end - at - 10),
      );
    }
    at = Math.max(end, at + 2);
  }
  return 1;
}

function isExif(bytes: Uint8Array, at: number): boolean {
  return [0x45, 0x78, 0x69, 0x66, 0].every((byte, i) => bytes[at + i] === byte);
}

/** The orientation of a TIFF directory; 1 where it has none or is broken. */
function orientationOf(tiff: DataView): number {
  if (tiff.byteLength < 8) return 1;
  const mark = tiff.getUint16(0);
  const little = mark === 0x4949;
  if (!little && mark !== 0x4d4d) return 1;
  const start = tiff.getUint32(4, little);
  if (start + 2 > tiff.byteLength) return 1;
  const count = tiff.getUint16(start, little);
  for (let entry = 0; entry < count; entry++) {
    const at = start + 2 + entry * 12;
    if (at + 12 > tiff.byteLength) return 1;
    if (tiff.getUint16(at, little) !== ORIENTATION) continue;
    const type = tiff.getUint16(at + 2, little);
    const value = type === SHORT
      ? tiff.getUint16(at + 8, little)
      : type === LONG
      ? tiff.getUint32(at + 8, little)
      : 1;
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}
