import assert from "node:assert/strict";
import { earlierRows } from "../../bench/earlier_rows.ts";

const machine = {
  ...{ processor: "Z1", card: "Z2", cores: 1, memoryGiB: 0, instructions: [] },
  ...{ system: "", deno: "", tensorflow: "2", peers: {} },
};
const now = { commit: "abc", machine };
const row = {
  ...{ id: "a", work: "", peer: "", ours_ms: 1, peer_ms: 2, ratio: 0.5 },
  ...{ spread: [0.5, 0.5] as const, limit: 1, note: "" },
};

async function inFile(text: string, use: (file: string) => Promise<void>) {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, text);
    await use(file);
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("earlierRows() gives what was measured of the same commit on the same machine", async () => {
  const absent = { ...row, id: "b", ratio: null };
  const report = { ...now, rows: [row, absent], figures: [] };
  await inFile(JSON.stringify(report), async (file) => {
    assert.deepEqual(await earlierRows(file, now), new Map([["a", row]]));
    for (
      const other of [
        { ...now, commit: "def" },
        { ...now, machine: { ...machine, card: "Z3" } },
        { ...now, machine: { ...machine, processor: "Z80" } },
      ]
    ) assert.equal((await earlierRows(file, other)).size, 0);
  });
  assert.equal((await earlierRows("/no/such/file", now)).size, 0);
});

Deno.test("earlierRows() refuses what is no report, and leaves it", () =>
  inFile('{ "rows": [', async (file) => {
    await assert.rejects(earlierRows(file, now), {
      name: "SyntaxError",
      message: /^Cannot go on with .*: it is no report\. Remove it/,
    });
    assert.equal(await Deno.readTextFile(file), '{ "rows": [');
  }));
