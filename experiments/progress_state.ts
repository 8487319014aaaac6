import type { ProgressState } from "../lib/report/mod.ts";
import type { ExperimentProgress, Measured, RunningJob } from "./jobs.ts";

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
export function progressState(progress: ExperimentProgress): ProgressState {
  const { label, seed, run, runs, share, measured, beside } = progress;
  const name = runName({ label, seed });
  if (beside) {
    return {
      levels: [{
        kind: "run",
        name: beside.map(besideText).join("; "),
        index: run,
        count: runs,
      }],
      share,
      step: 0,
      steps: 0,
      measured: measured && measuredText(measured),
      imagesPerSecond: speedOf(beside),
    };
  }
  const { activity, progress: step, evaluated } = progress;
  return {
    levels: [{ kind: "run", name, index: run, count: runs }],
    share,
    activity,
    step: evaluated?.done ?? step?.iteration ?? 0,
    steps: evaluated?.total ?? step?.total ?? 0,
    measured: measured && measuredText(measured, name),
    ...(activity === undefined && {
      terms: step?.terms,
      imagesPerSecond: step?.imagesPerSecond,
    }),
  };
}

/** Of all that take steps together; none where all do something else. */
function speedOf(beside: readonly RunningJob[]): number | undefined {
  const speeds = beside.filter(({ activity }) => activity === undefined)
    .flatMap(({ progress }) => progress?.imagesPerSecond ?? []);
  if (speeds.length === 0) return undefined;
  return speeds.reduce((sum, speed) => sum + speed);
}

/** One of several runs: `LD, seed 1: evaluating 3/72`. */
function besideText(
  { activity, progress, evaluated, ...run }: RunningJob,
): string {
  const where = [
    activity,
    evaluated
      ? `${evaluated.done}/${evaluated.total}`
      : progress && `${progress.iteration}/${progress.total}`,
  ].filter(Boolean).join(" ");
  return where === "" ? runName(run) : `${runName(run)}: ${where}`;
}

const runName = ({ label, seed }: Pick<Measured, "label" | "seed">) =>
  label === "teacher" ? label : `${label}, seed ${seed}`;

/** AP so far of the run that goes on, or of one beside or before it. */
function measuredText(measured: Measured, now?: string): string {
  const { epoch, epochs, ap } = measured;
  const own = runName(measured);
  const at = epoch < epochs ? `epoch ${epoch}/${epochs}` : "at its end";
  return `AP ${(100 * ap).toFixed(1)} (${own === now ? at : own})`;
}
