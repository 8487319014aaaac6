/** Code points that a terminal draws two cells wide (East Asian wide, emoji). */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x20000, 0x3fffd],
];

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * How many cells of a terminal a text takes.
 *
 * Use it to align columns: `length` counts code units, which is wrong for
 * combining marks (no cell), Chinese or Japanese signs and emoji (two cells).
 *
 * @param text one line without control characters
 * @returns number of cells
 *
 * Source: Unicode Standard Annex 11 (East Asian Width), wide and fullwidth
 * ranges; an emoji sequence counts as one sign.
 *
 * @example
 * ```ts
 * import { textWidth } from "ldlab/report/text_width.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(textWidth("τ ± 1"), 5);
 * assert.equal(textWidth("蒸留"), 4);
 * assert.equal(textWidth("e\u0301"), 1); // e and a combining acute accent
 * ```
 */
export function textWidth(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) {
    const point = segment.codePointAt(0)!;
    const double = wide.some(([first, last]) =>
      first <= point && point <= last
    ) || /\p{Emoji_Presentation}|\uFE0F/u.test(segment);
    width += double ? 2 : 1;
  }
  return width;
}
