import type { ProgressState } from "../lib/report/mod.ts";
import type { ExperimentProgress } from "./jobs.ts";

/**
 * Where several runs are, as a progress view shows it; test images are shown as
 * steps.
 *
 * @param progress What `runJobs` tells.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { progressState } from "./progress_state.ts";
 * const { levels, steps } = progressState({ label: "LD", seed: 1, run: 0, runs: 2, share: 0 });
 * assert.equal(levels[0].name, "LD, seed 1");
 * assert.equal(steps, 0);
 * ```
 */
export function progressState(
  { label, seed, run, runs, share, activity, progress, evaluated }:
    ExperimentProgress,
): ProgressState {
  const name = label === "teacher" ? label : `${label}, seed ${seed}`;
  return {
    levels: [{ kind: "run", name, index: run, count: runs }],
    share,
    activity,
    step: evaluated?.done ?? progress?.iteration ?? 0,
    steps: evaluated?.total ?? progress?.total ?? 0,
    ...(activity === undefined && {
      terms: progress?.terms,
      imagesPerSecond: progress?.imagesPerSecond,
    }),
  };
}
