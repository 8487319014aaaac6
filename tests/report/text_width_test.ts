import assert from "node:assert/strict";
import { textWidth } from "ldlab/report/text_width.ts";

Deno.test("textWidth() counts cells as Unicode's East Asian Width does", () => {
  // W and F take two cells, the others one (UAX 11); marks take none.
  const cases: [string, number][] = [
    ["", 0],
    ["AP ± 0.6 – τ", 12],
    ["e\u0301", 1],
    ["ｱ", 1], // U+FF71, halfwidth
    ["Ａ", 2], // U+FF21, fullwidth
    ["한", 2],
    ["漢字", 4],
    ["🩸", 2],
    ["👩‍🔬", 2], // three code points, one sign
  ];
  for (const [text, width] of cases) assert.equal(textWidth(text), width, text);
});
