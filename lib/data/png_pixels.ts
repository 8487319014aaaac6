import type { RgbImage } from "./image.ts";

/** What a PNG file says of its pixels. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample or palette index: 1, 2, 4, 8 or 16. */
  readonly bits: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha. */
  readonly colourType: number;
  /** Whether the pixels come in the seven passes of Adam7. */
  readonly interlaced: boolean;
}

/** First column and row, then steps in x and y, of each pass. */
const ADAM7: readonly (readonly number[])[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

/** Samples of a pixel by colour type. */
const SAMPLES: Readonly<Record<number, number>> = {
  0: 1,
  2: 3,
  3: 1,
  4: 2,
  6: 4,
};

/** The passes of an image that have pixels, their rows in bytes. */
function passesOf(header: PngHeader) {
  const { width, height, bits, colourType, interlaced } = header;
  return (interlaced ? ADAM7 : [[0, 0, 1, 1]])
    .map(([x, y, stepX, stepY]) => {
      const columns = Math.ceil((width - x) / stepX);
      const rows = Math.ceil((height - y) / stepY);
      const rowBytes = Math.ceil(columns * SAMPLES[colourType] * bits / 8);
      return { x, y, stepX, stepY, columns, rows, rowBytes };
    })
    .filter(({ columns, rows }) => columns > 0 && rows > 0);
}

/**
 * How many bytes a PNG image has when they are inflated.
 *
 * @param header The file's header.
 * @returns The bytes of all rows of all passes, each with its filter's byte.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { pngDataLength } from "ldlab/data/png_pixels.ts";
 *
 * const header = { width: 9, height: 2, bits: 1, colourType: 0, interlaced: false };
 * assert.equal(pngDataLength(header), 2 * (1 + 2));
 * ```
 */
export function pngDataLength(header: PngHeader): number {
  return passesOf(header)
    .reduce((sum, { rows, rowBytes }) => sum + rows * (1 + rowBytes), 0);
}

/**
 * The pixels of inflated PNG data: filters undone, passes put in place, and all
 * colours as RGB of 8 bits.
 *
 * Use it through `decodePng`. Of 16 bits the upper 8 stay; fewer than 8 are
 * spread over 0 to 255. Alpha is left out, and not blended with anything.
 *
 * @param header The file's header.
 * @param data [pngDataLength(header)], changed in place.
 * @param palette [3 * n], RGB; needed for colour type 3. An index beyond it is
 * black.
 * @returns The image.
 * @throws {SyntaxError} If a row has an unknown filter.
 * @see PNG specification, third edition, sections 8, 9 and 13.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { pngPixels } from "ldlab/data/png_pixels.ts";
 *
 * // One row of two bits: 10, filter 0.
 * const header = { width: 2, height: 1, bits: 1, colourType: 0, interlaced: false };
 * const { data } = pngPixels(header, Uint8Array.from([0, 0b10000000]));
 * assert.deepEqual([...data], [255, 255, 255, 0, 0, 0]);
 * ```
 */
export function pngPixels(
  header: PngHeader,
  data: Uint8Array,
  palette: Uint8Array = new Uint8Array(),
): RgbImage {
  const { width, height, bits, colourType } = header;
  const samples = SAMPLES[colourType];
  const distance = Math.max(1, samples * bits / 8);
  const grey = samples < 3;
  const scale = colourType === 3 || bits >= 8 ? 1 : 255 / (2 ** bits - 1);
  const pixels = new Uint8Array(width * height * 3);
  let start = 0;
  for (const pass of passesOf(header)) {
    for (let row = 0; row < pass.rows; row++, start += 1 + pass.rowBytes) {
      const line = data.subarray(start + 1, start + 1 + pass.rowBytes);
      const above = row > 0
        ? data.subarray(start - pass.rowBytes, start)
        : new Uint8Array(pass.rowBytes);
      undoFilter(data[start], line, above, distance);
      let to = ((pass.y + row * pass.stepY) * width + pass.x) * 3;
      for (let column = 0; column < pass.columns; column++) {
        const first = sampleAt(line, column * samples, bits) * scale;
        if (colourType === 3) {
          pixels.set(palette.subarray(first * 3, first * 3 + 3), to);
        } else {
          pixels[to] = first;
          pixels[to + 1] = grey
            ? first
            : sampleAt(line, column * samples + 1, bits);
          pixels[to + 2] = grey
            ? first
            : sampleAt(line, column * samples + 2, bits);
        }
        to += pass.stepX * 3;
      }
    }
  }
  return { width, height, data: pixels };
}

/** The sample at an index of a row; the upper byte of one of 16 bits. */
function sampleAt(line: Uint8Array, index: number, bits: number): number {
  if (bits === 8) return line[index];
  if (bits === 16) return line[index * 2];
  const at = index * bits;
  return line[at >> 3] >> (8 - bits - (at & 7)) & (2 ** bits - 1);
}

function undoFilter(
  filter: number,
  line: Uint8Array,
  above: Uint8Array,
  distance: number,
): void {
  if (filter > 4) {
    throw new SyntaxError(`a row has filter ${filter}, which there is not`);
  }
  if (filter === 0) return;
  for (let at = 0; at < line.length; at++) {
    const left = at < distance ? 0 : line[at - distance];
    const up = above[at];
    if (filter === 1) line[at] += left;
    else if (filter === 2) line[at] += up;
    else if (filter === 3) line[at] += (left + up) >> 1;
    else {
      const corner = at < distance ? 0 : above[at - distance];
      line[at] += paeth(left, up, corner);
    }
  }
}

/** The neighbour nearest to left + up − corner; of equals the first. */
function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
