import assert from "node:assert/strict";
import { progressState } from "../../experiments/progress_state.ts";

const at = { label: "LD", seed: 1, run: 2, runs: 4, share: 0.5 };
const measured = { label: "LD", seed: 1, epoch: 12, epochs: 24, ap: 0.3124 };

Deno.test("progressState() tells the last AP, of which run where it was another", () => {
  assert.equal(progressState(at).measured, undefined);
  assert.equal(
    progressState({ ...at, measured }).measured,
    "AP 31.2 (epoch 12/24)",
  );
  const ended = { ...measured, epoch: 24 };
  assert.equal(
    progressState({ ...at, measured: ended }).measured,
    "AP 31.2 (at its end)",
  );
  for (
    const [other, name] of [
      [{ ...ended, seed: 0 }, "LD, seed 0"],
      [{ ...ended, label: "without LD" }, "without LD, seed 1"],
      [{ ...ended, label: "teacher", seed: 0 }, "teacher"],
    ] as const
  ) {
    assert.equal(
      progressState({ ...at, measured: other }).measured,
      `AP 31.2 (${name})`,
    );
  }
});

Deno.test("progressState() shows all runs that go on at once, and their speed together", () => {
  const step = (iteration: number, imagesPerSecond: number) => ({
    ...{ iteration, total: 216, epoch: 0, terms: {}, learningRate: 1 },
    imagesPerSecond,
  });
  const state = progressState({
    ...at,
    progress: step(44, 30),
    activity: "evaluating",
    measured,
    beside: [
      { label: "teacher", seed: 0, progress: step(12, 20) },
      {
        label: "LD",
        seed: 1,
        activity: "evaluating",
        progress: step(44, 30),
        evaluated: { done: 3, total: 72 },
      },
      { label: "KD", seed: 1, activity: "starting" },
      { label: "GI", seed: 1, progress: step(2, 25) },
    ],
  });
  const [{ name, index, count }] = state.levels;
  assert.equal(
    name,
    "teacher: 12/216; LD, seed 1: evaluating 3/72; KD, seed 1: starting; GI, seed 1: 2/216",
  );
  assert.deepEqual([index, count, state.share], [2, 4, 0.5]);
  assert.deepEqual([state.steps, state.activity], [0, undefined]);
  assert.equal(state.imagesPerSecond, 45);
  assert.equal(state.measured, "AP 31.2 (LD, seed 1)");
  const beside = [{ label: "KD", seed: 1, activity: "starting" }];
  assert.equal(progressState({ ...at, beside }).imagesPerSecond, undefined);
});
