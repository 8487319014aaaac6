import assert from "node:assert/strict";
import { earlierReport } from "../../bench/earlier_report.ts";

const machine = {
  ...{ processor: "Z1", card: "Z2", cores: 1, memoryGiB: 0, instructions: [] },
  ...{ system: "", deno: "", tensorflow: "2", peers: {} },
};
const now = { commit: "abc", machine };
const row = {
  ...{ id: "a", work: "", peer: "", ours_ms: 1, peer_ms: 2, ratio: 0.5 },
  ...{ spread: [0.5, 0.5] as const, limit: 1, note: "" },
};
const figure = { id: "c", work: "", value: 1, unit: "s", note: "" };

async function inFile(text: string, use: (file: string) => Promise<void>) {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, text);
    await use(file);
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("earlierReport() gives what was measured of the same commit on the same machine", async () => {
  const rows = [row, { ...row, id: "b", ratio: null }];
  const figures = [figure, { ...figure, id: "d", value: null }];
  const nothing = { rows: [], figures: [] };
  await inFile(JSON.stringify({ ...now, rows, figures }), async (file) => {
    assert.deepEqual(await earlierReport(file, now), {
      rows: [row],
      figures: [figure],
    });
    for (
      const other of [
        { ...now, commit: "def" },
        { ...now, machine: { ...machine, card: "Z3" } },
        { ...now, machine: { ...machine, processor: "Z80" } },
      ]
    ) assert.deepEqual(await earlierReport(file, other), nothing);
  });
  assert.deepEqual(await earlierReport("/no/such/file", now), nothing);
});

for (const text of ['{ "rows": [', '{ "rows": [] }', "null"]) {
  Deno.test(`earlierReport() refuses '${text}', which is no report, and leaves it`, () =>
    inFile(text, async (file) => {
      await assert.rejects(earlierReport(file, now), {
        name: "SyntaxError",
        message: /^Cannot go on with .*: it is no report\. Remove it/,
      });
      assert.equal(await Deno.readTextFile(file), text);
    }));
}
