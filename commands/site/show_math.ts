/**
 * Marks mathematics in a notebook's text, so that it is set apart from words.
 *
 * Use it on the HTML of a notebook's cells, where nbconvert leaves TeX between
 * dollar signs for a script of another site. It is shown as it was written,
 * without the signs.
 *
 * @param html As nbconvert writes it; code is left alone.
 * @returns The HTML with an element of class `math` for each formula.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { showMath } from "./show_math.ts";
 *
 * assert.equal(showMath("<p>$z / \\tau$</p>"), '<p><span class="math">z / \\tau</span></p>');
 * assert.equal(showMath("<code>`${a}$`</code>"), "<code>`${a}$`</code>");
 * ```
 */
export function showMath(html: string): string {
  const parts =
    /(<(pre|code|script|style)\b[\s\S]*?<\/\2>|<[^>]*>)|\$\$([^<]+?)\$\$|\$([^<$]+?)\$/g;
  return html.replace(
    parts,
    (whole, markup?: string, _name?: string, block?: string, line?: string) => {
      if (markup !== undefined) return whole;
      const isBlock = block !== undefined;
      return `<span class="math${isBlock ? " block" : ""}">${
        (block ?? line)!.trim()
      }</span>`;
    },
  );
}
