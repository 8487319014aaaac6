/** First bytes of formats that images of datasets may have by mistake. */
const FORMATS: readonly (readonly [string, readonly number[]])[] = [
  ["GIF", [0x47, 0x49, 0x46, 0x38]],
  ["BMP", [0x42, 0x4d]],
  ["TIFF", [0x49, 0x49, 0x2a, 0x00]],
  ["TIFF", [0x4d, 0x4d, 0x00, 0x2a]],
  ["WebP", [0x52, 0x49, 0x46, 0x46]],
];

/**
 * The format of an image that is neither PNG nor JPEG, for errors.
 *
 * @param bytes The file, or at least its first 4 bytes.
 * @returns Its name; undefined for what is not known.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { foreignFormat } from "ldlab/data/foreign_format.ts";
 *
 * assert.equal(foreignFormat(Uint8Array.of(0x49, 0x49, 0x2a, 0)), "TIFF");
 * ```
 */
export function foreignFormat(bytes: Uint8Array): string | undefined {
  return FORMATS.find(([, start]) =>
    start.every((byte, at) => bytes[at] === byte)
  )?.[0];
}
