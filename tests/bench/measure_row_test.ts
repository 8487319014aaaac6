import assert from "node:assert/strict";
import { measureRow } from "../../bench/measure_row.ts";
import { type Row, Unavailable, type Work } from "../../bench/row.ts";

const about = { id: "a", work: "adds", peer: "an abacus", limit: 0.5 };

/** A side whose times are given; it writes down what is asked of it. */
function fake(name: string, times: number[], diary: string[]): Work {
  return {
    once: () => {
      diary.push(name);
      return Promise.resolve(times.shift()!);
    },
    close: () => {
      diary.push(`close ${name}`);
      return Promise.resolve();
    },
  };
}

Deno.test("measureRow() alternates the sides and takes the median of the pairs' ratios", async () => {
  const diary: string[] = [];
  const row: Row = {
    ...about,
    prepare: () =>
      Promise.resolve({
        ours: fake("ours", [900, 1, 2, 8], diary),
        peer: fake("peer", [1, 4, 4, 4], diary),
        note: "on beads",
      }),
  };
  const { result, failed } = await measureRow(row, { pairs: 3, warmUp: 1 });
  assert.equal(failed, false);
  // The first pair warms up. Ratios 0.25, 0.5 and 2; their quartiles by hand.
  assert.deepEqual(result, {
    ...about,
    ours_ms: 2,
    peer_ms: 4,
    ratio: 0.5,
    spread: [0.375, 1.25],
    note: "on beads",
  });
  const sides = ["ours", "peer"];
  assert.deepEqual(diary, [
    ...[...sides, ...sides, ...sides, ...sides],
    ...["close ours", "close peer"],
  ]);
});

Deno.test("measureRow() keeps of how many images a row is", async () => {
  const row: Row = {
    ...{ ...about, images: 32 },
    prepare: () =>
      Promise.resolve({
        ours: fake("ours", [1], []),
        peer: fake("peer", [4], []),
        note: "",
      }),
  };
  const { result } = await measureRow(row, { pairs: 1, warmUp: 0 });
  assert.equal(result.images, 32);
});

const unmeasured = { ours_ms: null, peer_ms: null, ratio: null, spread: null };

Deno.test("measureRow() says why a row has no ratio where something is absent, which is no failure", async () => {
  const prepare = () => Promise.reject(new Unavailable("there are no beads"));
  assert.deepEqual(
    await measureRow({ ...about, prepare }, { pairs: 5, warmUp: 0 }),
    {
      failed: false,
      result: { ...about, ...unmeasured, note: "there are no beads" },
    },
  );
});

Deno.test("measureRow() reports no time of a row that breaks, and closes both sides", async () => {
  const diary: string[] = [];
  const ours = fake("ours", [1, 1], diary);
  const peer = {
    ...fake("peer", [], diary),
    once: () => Promise.reject(new Error("a bead fell off")),
  };
  const prepare = () => Promise.resolve({ ours, peer, note: "" });
  assert.deepEqual(
    await measureRow({ ...about, prepare }, { pairs: 5, warmUp: 0 }),
    {
      failed: true,
      result: { ...about, ...unmeasured, note: "failed: a bead fell off" },
    },
  );
  assert.deepEqual(diary, ["ours", "close ours", "close peer"]);
});
