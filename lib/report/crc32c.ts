/** Castagnoli's polynomial, its bits reversed. */
const POLYNOMIAL = 0x82f63b78;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) {
    rest = rest & 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1;
  }
  return rest;
});

/**
 * The CRC-32C of bytes: a checksum with Castagnoli's polynomial, 0x1EDC6F41.
 *
 * Use it for the records of TensorFlow's files, which mask it.
 *
 * @param bytes any number of them
 * @returns an unsigned integer of 32 bits
 * @see https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4
 *
 * @example
 * ```ts
 * import { crc32c } from "ldlab/report/crc32c.ts";
 * import assert from "node:assert/strict";
 *
 * const bytes = new TextEncoder().encode("123456789");
 * assert.equal(crc32c(bytes), 0xe3069283);
 * ```
 */
export function crc32c(bytes: Uint8Array): number {
  let rest = 0xffffffff;
  for (const byte of bytes) rest = TABLE[(rest ^ byte) & 255] ^ (rest >>> 8);
  return (rest ^ 0xffffffff) >>> 0;
}
