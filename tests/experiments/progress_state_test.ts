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
