import { textWidth } from "./text_width.ts";

/**
 * Text in lines of whole words.
 *
 * Use it for what a terminal shows, which would break words. Line feeds stay; what
 * is indented stays so, and a list's item stands below its first word. A word that
 * is longer has a line of its own.
 *
 * @param text any text without control characters but line feeds
 * @param columns cells of a line, at least 1; Infinity leaves the text as it is
 * @returns the lines, with line feeds between them
 *
 * @example
 * ```ts
 * import { wrapText } from "ldlab/report/wrap_text.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(wrapText("LD helps:\n- at every τ", 9), "LD helps:\n- at\n  every τ");
 * ```
 */
export function wrapText(text: string, columns: number): string {
  return text.split("\n").flatMap((paragraph) => {
    if (textWidth(paragraph) <= columns) return [paragraph];
    const [, space, mark, rest] = /^( *)((?:- )?)(.*)$/.exec(paragraph)!;
    const indent = space + " ".repeat(mark.length);
    const [first, ...words] = rest.split(" ");
    const lines = [space + mark + first];
    for (const word of words) {
      const longer = `${lines.at(-1)} ${word}`;
      if (textWidth(longer) <= columns) lines[lines.length - 1] = longer;
      else lines.push(indent + word);
    }
    return lines;
  }).join("\n");
}
