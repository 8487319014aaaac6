import assert from "node:assert/strict";
import { type Report, rowsTable, verdict } from "../../bench/report.ts";
import { tableToText } from "ldlab/report/table_text.ts";

Deno.test("verdict() compares with the limit and knows what was not measured", () => {
  assert.equal(verdict(0.55, 0.55), "met");
  assert.equal(verdict(0.56, 0.55), "MISSED");
  assert.equal(verdict(null, 0.55), "not measured");
  assert.equal(verdict(3, null), "");
});

Deno.test("rowsTable() keeps missed and absent rows, each with its note", () => {
  const row = { work: "adds", peer: "an abacus", limit: 0.5 };
  const report: Report = {
    machine: {
      ...{ processor: "Z1", cores: 1, memoryGiB: 0, instructions: [] },
      ...{ system: "", deno: "", tensorflow: "2", peers: {} },
    },
    commit: "abc",
    rows: [
      {
        ...{ ...row, id: "slow", ours_ms: 8, peer_ms: 4, ratio: 2 },
        ...{ spread: [1.5, 2.5], note: "why" },
      },
      {
        ...{ ...row, id: "absent", ours_ms: null, peer_ms: null, ratio: null },
        ...{ spread: null, note: "no beads" },
      },
    ],
    figures: [],
  };
  const text = tableToText(rowsTable(report));
  assert.match(
    text,
    /slow .* 8\.0 .* 4\.0 .* 2\.00 .*1\.50 to 2\.50 .* MISSED/,
  );
  assert.match(text, /absent .* – .* not measured/);
  assert.match(text, /slow: why\nabsent: no beads$/);
});

Deno.test("rowsTable() tells the images a second of rows that have them, and only there", () => {
  const times = { ours_ms: 64, peer_ms: 128, ratio: 0.5, limit: 1 };
  const row = { ...times, id: "a", work: "w", peer: "p", note: "n" };
  const report = (images?: number): Report => ({
    machine: {
      ...{ processor: "Z1", cores: 1, memoryGiB: 0, instructions: [] },
      ...{ system: "", deno: "", tensorflow: "2", peers: {} },
    },
    commit: "abc",
    rows: [{ ...row, spread: [0.5, 0.5], ...images && { images } }],
    figures: [],
  });
  // 32 images in 64 ms and in 128 ms.
  const text = tableToText(rowsTable(report(32)));
  assert.match(text, /ours, images\/s +peer, images\/s/);
  assert.match(text, / 64\.0 +128\.0 +500\.0 +250\.0 +0\.50 /);
  assert.doesNotMatch(tableToText(rowsTable(report())), /images\/s/);
});
