import type { ProgressState } from "../lib/report/mod.ts";
import type { ExperimentProgress, Measured } from "./jobs.ts";

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
  { label, seed, run, runs, share, activity, progress, evaluated, measured }:
    ExperimentProgress,
): ProgressState {
  const name = runName({ label, seed });
  return {
    levels: [{ kind: "run", name, index: run, count: runs }],
    share,
    activity,
    step: evaluated?.done ?? progress?.iteration ?? 0,
    steps: evaluated?.total ?? progress?.total ?? 0,
    measured: measured && measuredText(measured, name),
    ...(activity === undefined && {
      terms: progress?.terms,
      imagesPerSecond: progress?.imagesPerSecond,
    }),
  };
}

const runName = ({ label, seed }: Pick<Measured, "label" | "seed">) =>
  label === "teacher" ? label : `${label}, seed ${seed}`;

/** AP so far of the run that goes on, or what the one before it ended with. */
function measuredText(measured: Measured, now: string): string {
  const { epoch, epochs, ap } = measured;
  const own = runName(measured);
  const at = epoch < epochs ? `epoch ${epoch}/${epochs}` : "at its end";
  return `AP ${(100 * ap).toFixed(1)} (${own === now ? at : own})`;
}
