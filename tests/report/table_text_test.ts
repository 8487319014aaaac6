import assert from "node:assert/strict";
import { makeTable } from "ldlab/report/table.ts";
import { tableToText } from "ldlab/report/table_text.ts";
import { textWidth } from "ldlab/report/text_width.ts";
import { sampleTable } from "./sample_table.ts";

Deno.test("tableToText() aligns groups, deviations and gaps", () => {
  // Drawn by hand.
  assert.equal(
    tableToText(sampleTable),
    [
      "AP over τ, 50 % of A & B",
      "         ╌╌╌╌╌ here ╌╌╌╌╌╌  paper (COCO)",
      "row              AP      Δ            AP        time",
      "───────  ──────────  ─────  ────────────  ──────────",
      "no LD    38.8 ± 0.3      –          40.1  1 min 01 s",
      "a|b <c>  10.0        −1.00             –  1 h 02 min",
      "Seeds: 1, 2_3.",
    ].join("\n"),
  );
});

Deno.test("tableToText() aligns signs that take two cells", () => {
  const text = tableToText(makeTable({
    title: "T",
    columns: [
      { heading: "row", kind: "text" },
      { heading: "AP", kind: "number" },
    ],
    rows: [["蒸留", 1], ["LD", 22.5]],
  }));
  const lines = text.split("\n").slice(2);
  assert.deepEqual(lines.map(textWidth), [10, 10, 10]);
});
