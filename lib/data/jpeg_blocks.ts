import type { JpegBits } from "./jpeg_bits.ts";

/** A Huffman table, canonical: codes of a length follow one another. */
export interface Huffman {
  /** [17], by length: how many codes, and where their symbols begin. */
  readonly counts: Uint8Array;
  readonly symbols: Uint8Array;
}

/** A channel while its coefficients are read. */
export interface CodedChannel {
  readonly coefficients: Int16Array;
  /** The last block's first coefficient, from which the next one differs. */
  last: number;
  dc?: Huffman;
  ac?: Huffman;
}

/** Where the coefficient of each place in the file's zigzag stands. */
// deno-fmt-ignore
export const ZIGZAG = [
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40,
  48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29,
  22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54,
  47, 55, 62, 63,
];

/**
 * Reads the blocks of one scan of a JPEG file.
 *
 * @see ITU-T T.81, F.2.2, G.1.2 and G.2; libjpeg-turbo's `jdhuff.c`, `jdphuff.c`.
 */
export class JpegBlocks {
  /** Blocks to come that have no coefficient of the scan left. */
  #empty = 0;

  /**
   * @param bits Stands before the scan's data.
   * @param scan The first and final coefficient in zigzag order, and the bits
   * that are known already and still to come.
   * @param progressive Whether the frame is.
   */
  constructor(
    readonly bits: JpegBits,
    readonly scan: { first: number; final: number; high: number; low: number },
    readonly progressive: boolean,
  ) {}

  /** Begins the scan, or goes on after a restart. */
  restart(channels: readonly CodedChannel[]): void {
    this.#empty = 0;
    for (const channel of channels) channel.last = 0;
  }

  /**
   * Reads a block's coefficients of this scan.
   *
   * @param channel Gets them, and has the tables they need.
   * @param at Where the block begins.
   * @throws {SyntaxError} If the data are damaged or end before.
   */
  read(channel: CodedChannel, at: number): void {
    const { first, high } = this.scan;
    if (!this.progressive) {
      this.#readDc(channel, at);
      this.#readAc(channel, at, 1);
    } else if (first > 0) {
      if (high === 0) this.#readAc(channel, at, first);
      else this.#refineAc(channel, at);
    } else if (high === 0) this.#readDc(channel, at);
    else if (this.bits.read(1)) {
      channel.coefficients[at] |= 1 << this.scan.low;
    }
  }

  #readDc(channel: CodedChannel, at: number): void {
    const size = this.#decode(channel.dc!);
    if (size > 15) throw damagedPixels();
    channel.last += this.bits.readSigned(size);
    channel.coefficients[at] = channel.last << this.scan.low;
  }

  #readAc({ ac, coefficients }: CodedChannel, at: number, first: number): void {
    if (this.#empty > 0) {
      this.#empty--;
      return;
    }
    for (let k = first; k <= this.scan.final; k++) {
      const symbol = this.#decode(ac!);
      const [run, size] = [symbol >> 4, symbol & 15];
      if (size === 0) {
        if (run < 15) {
          this.#empty = (1 << run) - 1 + this.bits.read(run);
          return;
        }
        k += 15;
        continue;
      }
      k += run;
      if (k > 63) throw damagedPixels();
      coefficients[at + ZIGZAG[k]] = this.bits.readSigned(size) <<
        this.scan.low;
    }
  }

  #refineAc({ ac, coefficients }: CodedChannel, at: number): void {
    const { first, final, low } = this.scan;
    const step = 1 << low;
    const refine = (place: number) => {
      const value = coefficients[place];
      if (this.bits.read(1) && (value & step) === 0) {
        coefficients[place] = value + (value < 0 ? -step : step);
      }
    };
    let k = first;
    for (; this.#empty === 0 && k <= final; k++) {
      const symbol = this.#decode(ac!);
      let run = symbol >> 4;
      let fresh = 0;
      if (symbol & 15) fresh = this.bits.read(1) ? step : -step;
      else if (run < 15) {
        this.#empty = (1 << run) + this.bits.read(run);
        break;
      }
      for (; k <= final; k++) {
        const place = at + ZIGZAG[k];
        if (coefficients[place] !== 0) refine(place);
        else if (--run < 0) break;
      }
      if (fresh !== 0 && k <= final) coefficients[at + ZIGZAG[k]] = fresh;
    }
    if (this.#empty === 0) return;
    for (; k <= final; k++) {
      const place = at + ZIGZAG[k];
      if (coefficients[place] !== 0) refine(place);
    }
    this.#empty--;
  }

  #decode({ counts, symbols }: Huffman): number {
    let code = 0;
    let start = 0; // the first code of a length
    let before = 0; // symbols of shorter codes
    for (let length = 1; length <= 16; length++) {
      code = code << 1 | this.bits.read(1);
      if (code - start < counts[length]) return symbols[before + code - start];
      before += counts[length];
      start = (start + counts[length]) << 1;
    }
    throw damagedPixels();
  }
}

function damagedPixels(): SyntaxError {
  return new SyntaxError("the data of its pixels are damaged");
}
