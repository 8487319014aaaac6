/** Runs whose files may not grow: writing fails as on a full disk. */
import assert from "node:assert/strict";
import { loadCheckpoint } from "ldlab/train/checkpoint.ts";
import { runId } from "../../experiments/config.ts";
import { type RunRecord, RunStore } from "../../experiments/store.ts";
import { startSweep, sweepWeights } from "./sweep_process.ts";
import { sweep } from "./tiny_sweep.ts";

async function runSweep(folder: string, blocks?: number) {
  const process = startSweep(folder, blocks);
  await process.ready();
  await process.go();
  return await process.ended();
}

function inStore<T>(folder: string, body: (store: RunStore) => T): T {
  const store = new RunStore(folder);
  try {
    return body(store);
  } finally {
    store.close();
  }
}

const finishedIn = (folder: string): RunRecord[] =>
  inStore(folder, (store) => store.all())
    .filter(({ status }) => status === "finished");

Deno.test("a sweep on a full disk says so, loses nothing that is finished, and goes on when there is space", async () => {
  const folder = await Deno.makeTempDir();
  assert.ok((await runSweep(folder)).success);
  const expected = await sweepWeights(folder);
  const [teacher, pupil, plain] = await Promise.all(
    sweep.map(({ config, seed }) => runId(config, seed)),
  );
  const pupilFolder = inStore(folder, (store) => {
    for (const id of [pupil, plain]) store.remove(id);
    return store.runFolder(pupil);
  });
  const finished = finishedIn(folder);
  assert.deepEqual(finished.map(({ id }) => id), [teacher]);

  // No room for the database's index; for a run's first checkpoint.
  const cases: [blocks: number, message: RegExp][] = [
    [
      16,
      /^Cannot open the store .*disk I\/O error\. Free space, and run again/,
    ],
    [1000, /^Cannot write checkpoint .*File too large.*\. Free space/],
  ];
  for (const [blocks, message] of cases) {
    const { lines, success } = await runSweep(folder, blocks);
    assert.ok(!success, lines.join("\n"));
    assert.match(lines.at(-1)!, message);
    assert.deepEqual(finishedIn(folder), finished);
    assert.equal(await loadCheckpoint(pupilFolder), undefined);
  }
  assert.ok((await runSweep(folder)).success);
  assert.deepEqual(await sweepWeights(folder), expected);

  // Trained to its end, but without room for its weights.
  const { config, ...run } = inStore(folder, (store) => store.get(pupil)!);
  inStore(folder, (store) => store.start({ ...run, config }));
  await Deno.remove(`${pupilFolder}/weights.safetensors`);
  const { lines, success } = await runSweep(folder, 300);
  assert.ok(!success, lines.join("\n"));
  assert.match(lines.at(-1)!, /^Cannot write weights .*the training is kept/);
  assert.deepEqual(
    finishedIn(folder).map(({ id }) => id),
    [teacher, plain],
  );
  const again = await runSweep(folder);
  assert.ok(again.success);
  assert.ok(!again.lines.some((line) => line.startsWith("LD ")), "no step");
  assert.deepEqual(await sweepWeights(folder), expected);
  await Deno.remove(folder, { recursive: true });
});
