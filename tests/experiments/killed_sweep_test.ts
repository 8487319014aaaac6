import assert from "node:assert/strict";
import { createRandom } from "ldlab/random/mod.ts";
import { type RunRecord, RunStore } from "../../experiments/store.ts";
import { startSweep, sweepWeights } from "./sweep_process.ts";
import { sweep, SWEEP_CHECKPOINT } from "./tiny_sweep.ts";

const KILLS = 20;

/** A process takes fewer steps before it is killed. */
const MOST_STEPS = 14;

/** The last and the first step that a process told of, by run. */
function stepsOf(lines: readonly string[]) {
  const first = new Map<string, number>();
  const last = new Map<string, number>();
  for (const line of lines) {
    const [, label, step] = /^(.+) (\d+)$/.exec(line) ?? [];
    if (label === undefined) continue;
    if (!first.has(label)) first.set(label, Number(step));
    last.set(label, Number(step));
  }
  return { first, last };
}

function finishedIn(folder: string): RunRecord[] {
  const store = new RunStore(folder);
  const finished = store.all().filter(({ status }) => status === "finished");
  store.close();
  return finished;
}

Deno.test("a sweep that is killed at 20 random moments loses no finished run, few steps, and no bit of the weights", async () => {
  const random = createRandom("kills");
  const root = await Deno.makeTempDir();
  const undisturbed = startSweep(`${root}/undisturbed`);
  await undisturbed.ready();
  await undisturbed.go();
  assert.ok((await undisturbed.ended()).success);
  const expected = await sweepWeights(`${root}/undisturbed`);
  assert.equal(expected.size, sweep.length);

  let [kills, sweeps] = [0, 0];
  // More than one sweep where one does not last for all kills.
  while (kills < KILLS) {
    const folder = `${root}/${sweeps++}`;
    const reached = new Map<string, number>();
    let finished: RunRecord[] = [];
    let next = startSweep(folder);
    for (let isDone = false; !isDone;) {
      const process = next;
      await process.ready();
      const isKilled = kills < KILLS;
      next = startSweep(folder); // gets ready meanwhile
      await process.go();
      if (isKilled) {
        // However fast the machine: within or between any two steps, while it
        // starts, evaluates and writes.
        await process.steps(Math.floor(random() * MOST_STEPS));
        const moment = random() * 200;
        await new Promise((resolve) => setTimeout(resolve, moment));
        if (process.kill()) kills++;
      }
      const { lines } = await process.ended();
      isDone = lines.at(-1) === "done";
      const { first, last } = stepsOf(lines);
      for (const [label, step] of first) {
        const before = reached.get(label) ?? 0;
        // The checkpoint of a step is written after the step is told.
        const kept = before - (before - 1) % SWEEP_CHECKPOINT - 1;
        assert.ok(
          step > Math.max(0, kept),
          `${label}: ${before}, then ${step}`,
        );
      }
      for (const [label, step] of last) reached.set(label, step);
      const now = finishedIn(folder);
      assert.deepEqual(now.slice(0, finished.length), finished);
      for (const [label, weights] of await sweepWeights(folder)) {
        assert.deepEqual(weights, expected.get(label), label);
      }
      finished = now;
    }
    next.kill();
    await next.ended();
    assert.equal(finished.length, sweep.length);
  }
  await Deno.remove(root, { recursive: true });
});
