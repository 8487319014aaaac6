import assert from "node:assert/strict";
import { wrapText } from "ldlab/report/wrap_text.ts";

Deno.test("wrapText() breaks lines between words, keeps indents, and hangs the items of lists", () => {
  assert.equal(
    wrapText("LD helps at τ.\n\n- Main LD\n  id a_b_c_d_e_f", 8),
    "LD helps\nat τ.\n\n- Main\n  LD\n  id\n  a_b_c_d_e_f",
  );
});

Deno.test("wrapText() leaves what fits as it is, and all without an end of the line", () => {
  assert.equal(wrapText("a  b\n c", 4), "a  b\n c");
  const long = "word ".repeat(100);
  assert.equal(wrapText(long, Infinity), long);
});
