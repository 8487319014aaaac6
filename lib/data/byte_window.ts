/** Puts bytes into the front of an array; gives their number, null at the end. */
export type ReadBytes = (into: Uint8Array) => number | null;

const CHUNK_BYTES = 2 ** 18;
/** What is marked may be as long as this. */
const LONGEST_BYTES = 2 ** 24;

/**
 * The part of a long text, in bytes, that is being read: one chunk of 256 KiB,
 * or what is marked, up to 16 MiB.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ByteWindow } from "ldlab/data/byte_window.ts";
 *
 * const text = new ByteWindow((into) => into.fill(65).length); // AAA...
 * text.mark();
 * for (let count = 0; count < 3; count++) text.advance();
 * assert.equal(text.byte(), 65);
 * assert.equal(text.takeAscii(1), "A");
 * ```
 */
export class ByteWindow {
  readonly #read: ReadBytes;
  readonly #explain: (problem: string) => string;
  #bytes = new Uint8Array(CHUNK_BYTES);
  #at = 0;
  #end = 0;
  #mark = -1;
  /** Bytes of the text before `#bytes`. */
  #before = 0;

  /**
   * @param read Where the bytes come from.
   * @param explain Makes an error's message of what is wrong where.
   */
  constructor(read: ReadBytes, explain: (problem: string) => string) {
    this.#read = read;
    this.#explain = explain;
  }

  /** The byte here, -1 at the end. */
  byte(): number {
    return this.#at < this.#end || this.#more() ? this.#bytes[this.#at] : -1;
  }

  /** Goes on by a byte, which must have been looked at. */
  advance(): void {
    this.#at++;
  }

  /** Keeps what comes from here on, until it is taken. */
  mark(): void {
    this.#mark = this.#at;
  }

  /** Keeps nothing more. */
  unmark(): void {
    this.#mark = -1;
  }

  /** What is marked, but for so many bytes at both ends; it must be ASCII. */
  takeAscii(trim = 0): string {
    const [start, end] = [this.#mark + trim, this.#at - trim];
    this.#mark = -1;
    if (end - start > 64) {
      return new TextDecoder().decode(this.#bytes.subarray(start, end));
    }
    let text = "";
    for (let at = start; at < end; at++) {
      text += String.fromCharCode(this.#bytes[at]);
    }
    return text;
  }

  /** What is marked; undefined where it is not UTF-8. */
  takeUtf8(): string | undefined {
    const bytes = this.#bytes.subarray(this.#mark, this.#at);
    this.#mark = -1;
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
      return undefined;
    }
  }

  /** An error about a byte, this one unless given. */
  wrong(problem: string, position = this.position): SyntaxError {
    return new SyntaxError(this.#explain(`byte ${position}: ${problem}`));
  }

  /** Goes on over this byte; fails where another comes. */
  expect(byte: number): void {
    if (this.byte() !== byte) {
      throw this.unexpected(JSON.stringify(String.fromCharCode(byte)));
    }
    this.#at++;
  }

  /** An error about this byte, or the end, where something else should be. */
  unexpected(wanted: string): SyntaxError {
    const byte = this.byte();
    if (byte === -1) {
      const problem =
        `the text ends where ${wanted} should come; it is cut off`;
      return this.wrong(problem);
    }
    const found = byte > 32 && byte < 127
      ? JSON.stringify(String.fromCharCode(byte))
      : `byte 0x${byte.toString(16).padStart(2, "0")}`;
    return this.wrong(`${wanted} should come, not ${found}`);
  }

  /** Bytes of the text before this one. */
  get position(): number {
    return this.#before + this.#at;
  }

  #more(): boolean {
    const from = this.#mark >= 0 ? this.#mark : this.#at;
    this.#bytes.copyWithin(0, from, this.#end);
    this.#before += from;
    this.#at -= from;
    this.#end -= from;
    if (this.#mark >= 0) this.#mark = 0;
    if (this.#end === this.#bytes.length) {
      if (this.#end >= LONGEST_BYTES) {
        const problem = "a string or number of more than 16 MiB";
        throw this.wrong(problem, this.#before);
      }
      const longer = new Uint8Array(this.#end * 2);
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    const count = this.#read(this.#bytes.subarray(this.#end)) ?? 0;
    this.#end += count;
    return count > 0;
  }
}
