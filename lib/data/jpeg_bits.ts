/**
 * Reads the bits of a JPEG file's scan.
 *
 * @see ITU-T T.81, F.2.2.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { JpegBits } from "ldlab/data/jpeg_bits.ts";
 *
 * // A byte ff of the data is followed by 00.
 * const bits = new JpegBits(Uint8Array.of(0b10110000, 0xff, 0, 0xff, 0xd9), 0);
 * assert.deepEqual([bits.read(3), bits.read(13)], [0b101, 0b1000011111111]);
 * assert.equal(bits.position, 3);
 * ```
 */
export class JpegBits {
  readonly #bytes: Uint8Array;
  #position: number;
  #byte = 0;
  #left = 0;

  /**
   * @param bytes The file.
   * @param start Where the scan's data begin.
   */
  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.#position = start;
  }

  /** The place after the last byte that was begun. */
  get position(): number {
    return this.#position;
  }

  /**
   * Reads an unsigned number.
   *
   * @param count Bits, 0 to 16.
   * @returns The number, its highest bit first.
   * @throws {SyntaxError} If the data end before.
   */
  read(count: number): number {
    let value = 0;
    for (; count > 0; count--) {
      if (this.#left === 0) this.#next();
      this.#left--;
      value = value << 1 | this.#byte >> this.#left & 1;
    }
    return value;
  }

  /**
   * Reads a number as JPEG stores differences: those that begin with 0 are
   * negative, from 1 − 2^count up.
   *
   * @param count Bits, 0 to 15.
   * @returns The number; 0 of 0 bits.
   * @throws {SyntaxError} If the data end before.
   */
  readSigned(count: number): number {
    if (count === 0) return 0;
    const value = this.read(count);
    return value >> (count - 1) ? value : value + 1 - 2 ** count;
  }

  /**
   * Goes on after a restart marker, which must come next.
   *
   * @throws {SyntaxError} If another marker comes, or none.
   */
  restart(): void {
    this.#left = 0;
    const bytes = this.#bytes;
    const marker = bytes.indexOf(0xff, this.#position);
    const kind = marker < 0 ? -1 : bytes[marker + 1];
    if (kind < 0xd0 || kind > 0xd7) {
      throw new SyntaxError("a part of its pixels is missing");
    }
    this.#position = marker + 2;
  }

  #next(): void {
    const bytes = this.#bytes;
    if (this.#position >= bytes.length) {
      throw new SyntaxError(`it is cut short after ${bytes.length} bytes`);
    }
    this.#byte = bytes[this.#position++];
    this.#left = 8;
    if (this.#byte !== 0xff) return;
    if (bytes[this.#position] !== 0) {
      throw new SyntaxError("its pixels end before the image does");
    }
    this.#position++;
  }
}
