import assert from "node:assert/strict";
import { PAPER_TABLE_1A } from "../../experiments/table_1a_paper.ts";

// Table 1a read from the paper a second time, column by column.
const columns = {
  AP: [40.1, 40.3, 40.9, 41.1, 40.7, 40.5],
  AP50: [58.2, 58.2, 58.2, 58.7, 58.5, 58.3],
  AP75: [43.1, 43.4, 44.3, 44.9, 44.2, 43.7],
  APS: [23.3, 22.4, 23.2, 23.8, 23.5, 23.8],
  APM: [44.4, 44.0, 45.0, 44.9, 44.3, 44.1],
  APL: [52.5, 52.4, 53.2, 53.6, 53.3, 53.5],
};

Deno.test("PAPER_TABLE_1A is the paper's table", () => {
  assert.deepEqual([...PAPER_TABLE_1A.keys()], [null, 1, 5, 10, 15, 20]);
  const rows = [...PAPER_TABLE_1A.values()];
  Object.entries(columns).forEach(([name, column], at) =>
    assert.deepEqual(rows.map((row) => row[at]), column, name)
  );
  // Sums over the columns, and over the whole table.
  const sums = Object.values(columns)
    .map((column) => column.reduce((sum, value) => sum + value, 0).toFixed(1));
  assert.deepEqual(sums, [
    "243.6",
    "350.1",
    "263.6",
    "140.0",
    "266.7",
    "318.5",
  ]);
});
