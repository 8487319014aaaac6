import type { ProgressState } from "./progress.ts";
import { formatDuration } from "./table.ts";

/**
 * How much of the whole work is done.
 *
 * Use it for a bar. Each turn of a loop counts the same unless the state says
 * its share.
 *
 * @param state where the run is
 * @returns from 0 to 1
 *
 * @example
 * ```ts
 * import { progressFraction } from "ldlab/report/progress_line.ts";
 * import assert from "node:assert/strict";
 *
 * const levels = [{ kind: "row", index: 1, count: 2 }];
 * assert.equal(progressFraction({ levels, step: 50, steps: 100 }), 0.75);
 * ```
 */
export function progressFraction(state: ProgressState): number {
  if (state.share !== undefined) return state.share;
  const inner = state.steps > 0 ? state.step / state.steps : 0;
  return state.levels.reduceRight(
    (fraction, { index, count }) => (index + fraction) / count,
    inner,
  );
}

/**
 * A run's state in one line, for a terminal or beside a bar.
 *
 * @param state where the run is
 * @param secondsLeft of the whole work, or `null` while unknown
 * @returns loops, steps, activity, time left, what was measured, speed and loss
 * terms
 *
 * @example
 * ```ts
 * import { progressLine } from "ldlab/report/progress_line.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(
 *   progressLine({
 *     levels: [{ kind: "row", name: "τ = 10", index: 2, count: 6 }],
 *     step: 12,
 *     steps: 216,
 *     terms: { qfl: 0.5214 },
 *     imagesPerSecond: 60.4,
 *     measured: "AP 31.2",
 *   }, 75),
 *   "row 3/6 (τ = 10) · step 12/216 · 1 min 15 s left · AP 31.2 · 60 images/s · qfl 0.521",
 * );
 * ```
 */
export function progressLine(
  state: ProgressState,
  secondsLeft: number | null,
): string {
  const terms = Object.entries(state.terms ?? {}).map(([name, value]) =>
    `${name} ${value.toPrecision(3)}`
  );
  return [
    ...state.levels.map(({ kind, name, index, count }) =>
      `${kind} ${index + 1}/${count}${name ? ` (${name})` : ""}`
    ),
    state.steps > 0 ? `step ${state.step}/${state.steps}` : "",
    state.activity ?? "",
    secondsLeft === null ? "" : `${formatDuration(secondsLeft)} left`,
    state.measured ?? "",
    state.imagesPerSecond === undefined
      ? ""
      : `${state.imagesPerSecond.toFixed(0)} images/s`,
    terms.join(", "),
  ].filter(Boolean).join(" · ");
}

/**
 * Which activity it is: what stands before its first dot. Behind it is how far it
 * is, which changes often.
 *
 * @param state where the run is
 * @returns the activity's name, if there is one
 *
 * @example
 * ```ts
 * import { activityName } from "ldlab/report/progress_line.ts";
 * import assert from "node:assert/strict";
 *
 * const activity = "downloading a.pth · 1.0 of 9.0 MB";
 * assert.equal(activityName({ activity }), "downloading a.pth");
 * ```
 */
export function activityName(
  { activity }: Pick<ProgressState, "activity">,
): string | undefined {
  return activity?.split(" · ")[0];
}

/**
 * Time left, from how fast the work went since the first state it was told.
 *
 * Use one for a whole sweep.
 *
 * @example
 * ```ts
 * import { TimeLeft } from "ldlab/report/progress_line.ts";
 * import assert from "node:assert/strict";
 *
 * const left = new TimeLeft();
 * assert.equal(left.at({ levels: [], step: 10, steps: 50 }, 0), null);
 * assert.equal(left.at({ levels: [], step: 20, steps: 50 }, 5), 15);
 * ```
 */
export class TimeLeft {
  #start: { seconds: number; fraction: number } | undefined;
  #reached = 0;

  /**
   * Seconds left at this state.
   *
   * @param state where the run is
   * @param seconds now, on any steady clock
   * @returns seconds, or `null` in the first second, while nothing moved, and
   * at the end; where the share falls, other work begins, whose pace is its own
   */
  at(state: ProgressState, seconds: number): number | null {
    const fraction = progressFraction(state);
    if (!this.#start || fraction < this.#reached) {
      this.#start = { seconds, fraction };
    }
    this.#reached = fraction;
    const done = fraction - this.#start.fraction;
    const elapsed = seconds - this.#start.seconds;
    return done > 0 && elapsed >= 1 && fraction < 1
      ? (1 - fraction) * elapsed / done
      : null;
  }
}
