import assert from "node:assert/strict";
import {
  columnGroups,
  formatCell,
  formatDuration,
  makeTable,
} from "ldlab/report/table.ts";

const columns = [
  { heading: "row", kind: "text" },
  { heading: "AP", kind: "number" },
] as const;

Deno.test("makeTable() refuses a row with too few cells", () => {
  assert.throws(
    () => makeTable({ title: "T", columns, rows: [["a", 1], ["b"]] }),
    {
      name: "TypeError",
      message: /row 1 must have 2 cells.*current number is 1/,
    },
  );
});

Deno.test("makeTable() refuses a number in a column of text", () => {
  assert.throws(
    () => makeTable({ title: "T", columns, rows: [[1, 1]] }),
    { name: "TypeError", message: /column "row" must be text/ },
  );
});

Deno.test("formatCell() writes numbers, spreads, text and gaps", () => {
  const ap = columns[1];
  assert.equal(formatCell(40.96, ap), "41.0");
  assert.equal(formatCell(-0.26, ap), "−0.3");
  assert.equal(formatCell(-0.04, ap), "0.0", "no minus before a rounded zero");
  assert.equal(formatCell({ mean: 40.9, deviation: 0.55 }, ap), "40.9 ± 0.6");
  assert.equal(formatCell({ mean: 40.9, deviation: null }, ap), "40.9");
  assert.equal(formatCell({ mean: 40.9, deviation: NaN }, ap), "40.9");
  assert.equal(formatCell({ mean: NaN, deviation: NaN }, ap), "–");
  assert.equal(formatCell(null, ap), "–");
  assert.equal(formatCell("τ", ap), "τ");
  assert.equal(formatCell(0.1234, { ...ap, digits: 3 }), "0.123");
});

Deno.test("formatDuration() changes its units without a gap", () => {
  assert.equal(formatDuration(0), "0.0 s");
  assert.equal(formatDuration(9.96), "10 s");
  assert.equal(formatDuration(59.4), "59 s");
  assert.equal(formatDuration(59.6), "1 min 00 s");
  assert.equal(formatDuration(3599.4), "59 min 59 s");
  assert.equal(formatDuration(3599.6), "1 h 00 min");
  assert.equal(formatDuration(5399), "1 h 30 min");
});

Deno.test("columnGroups() joins neighbours only", () => {
  const column = (group?: string) =>
    ({ heading: "AP", kind: "number", group }) as const;
  assert.deepEqual(columnGroups([column(), column()]), []);
  assert.deepEqual(
    columnGroups([column("a"), column("b"), column("b"), column("a")]),
    [
      { heading: "a", start: 0, count: 1 },
      { heading: "b", start: 1, count: 2 },
      { heading: "a", start: 3, count: 1 },
    ],
  );
});
