import { latin1Text } from "./latin1.ts";

/** Reads little-endian values one after another, and never past the end. */
export class ByteCursor {
  readonly #view: DataView;

  /**
   * @param bytes What is read.
   * @param at Where the next value begins.
   * @param bad Makes the error for a value that does not fit.
   */
  constructor(
    readonly bytes: Uint8Array,
    public at: number,
    readonly bad: (why: string) => Error,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** The place of the next `count` bytes, which are then behind the cursor. */
  #skip(count: number): number {
    const from = this.at;
    if (!(count >= 0 && count <= this.bytes.length - from)) {
      throw this.bad(
        `${count} bytes should follow at byte ${from} of ${this.bytes.length}`,
      );
    }
    this.at += count;
    return from;
  }

  /** The next `count` bytes, as a view. */
  take(count: number): Uint8Array {
    const from = this.#skip(count);
    return this.bytes.subarray(from, from + count);
  }

  uint8(): number {
    return this.#view.getUint8(this.#skip(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#skip(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#skip(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#skip(4), true);
  }

  /** Sizes and offsets: rounded beyond 2⁵³, which no file reaches. */
  uint64(): number {
    return Number(this.#view.getBigUint64(this.#skip(8), true));
  }

  /** Big-endian, as pickles hold it. */
  float64(): number {
    return this.#view.getFloat64(this.#skip(8), false);
  }

  /** The Latin-1 up to the next line feed, which is dropped. */
  line(): string {
    const end = this.bytes.indexOf(10, this.at);
    if (end < 0) {
      throw this.bad(`a line that begins at byte ${this.at} is cut off`);
    }
    const text = latin1Text(this.take(end - this.at));
    this.at++;
    return text;
  }

  /** The next `length` bytes as UTF-8. */
  text(length: number): string {
    const from = this.at;
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
        .decode(this.take(length));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw this.bad(`the text at byte ${from} is not UTF-8`);
    }
  }
}
