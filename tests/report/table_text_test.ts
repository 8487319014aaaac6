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

Deno.test("tableToText() puts columns below the others where a terminal has no room for them", () => {
  const table = makeTable({
    ...{ title: "Table 2: knowledge", notes: ["Here: two seeds of each"] },
    columns: [
      { heading: "row", kind: "text" },
      { heading: "AP", kind: "number", group: "here" },
      { heading: "AP75", kind: "number", group: "here" },
      { heading: "AP", kind: "number", group: "paper" },
      { heading: "AP75", kind: "number", group: "paper" },
    ],
    rows: [["no LD", 38, 41, 40.1, 43.1]],
  });
  // Drawn by hand.
  assert.equal(
    tableToText(table, 20),
    [
      "Table 2: knowledge",
      "       ╌╌ here ╌╌",
      "row      AP  AP75",
      "─────  ────  ────",
      "no LD  38.0  41.0",
      "",
      "       ╌ paper ╌╌",
      "row      AP  AP75",
      "─────  ────  ────",
      "no LD  40.1  43.1",
      "Here: two seeds of",
      "each",
    ].join("\n"),
  );
  const widest = (width: number) =>
    Math.max(...tableToText(table, width).split("\n").map(textWidth));
  assert.equal(widest(29), 29);
  assert.ok(widest(28) <= 28);
  assert.ok(widest(12) <= 12, "a column each, where no group fits");
});
