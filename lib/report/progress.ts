import { inJupyter } from "./jupyter.ts";
import { NotebookProgress } from "./progress_notebook.ts";
import { TerminalProgress } from "./progress_terminal.ts";

/** One loop around the run, outer ones first. */
export interface ProgressLevel {
  /** What the loop goes over, e.g. `row` or `seed`. */
  readonly kind: string;
  /** Which one it is now, e.g. `τ = 10`. */
  readonly name?: string;
  /** From 0 to `count` − 1. */
  readonly index: number;
  readonly count: number;
}

/** Where a run is. */
export interface ProgressState {
  readonly levels: readonly ProgressLevel[];
  /**
   * Share of the whole work that is done, 0 to 1, where the turns of a loop cost
   * different; else each counts the same.
   */
  readonly share?: number;
  /**
   * What begins where it is no step, e.g. `evaluating`: shown at once. What changes
   * of it often stands behind a dot: `downloading a.pth · 1.0 of 9.0 MB`.
   */
  readonly activity?: string;
  /** Steps done of the innermost run, from 0 to `steps`; 0 before there are any. */
  readonly step: number;
  readonly steps: number;
  /** The loss terms of the last step, by name. */
  readonly terms?: Readonly<Record<string, number>>;
  readonly imagesPerSecond?: number;
  /** What was measured last, as `AP 31.2 (epoch 12/24)`. */
  readonly measured?: string;
}

/** Shows where a run is. */
export interface ProgressView {
  /**
   * Cheap: may be called every step, most calls draw nothing.
   *
   * @returns resolves once the state is shown, if it is to be; await it before
   * something that blocks
   */
  update(state: ProgressState): Promise<void>;
  /** Shows the last state, or `message` in its place, and ends the view. */
  close(message?: string): Promise<void>;
}

/**
 * Opens the view of a run's progress that suits where the code runs.
 *
 * Use it around training: in a notebook it is a bar in the cell's output,
 * renewed at most four times a second; in a terminal one line that renews
 * itself, and where the output is no terminal (a log), a line each ten seconds
 * and at each new row. Time left counts from the first update on, so don't
 * report what a sweep merely took from its store.
 *
 * @returns the view; close it, also when the run fails
 *
 * @example
 * ```ts
 * import { openProgress } from "ldlab/report/progress.ts";
 * import { TerminalProgress } from "ldlab/report/progress_terminal.ts";
 * import assert from "node:assert/strict";
 *
 * const progress = openProgress();
 * assert.ok(progress instanceof TerminalProgress); // not in a notebook
 * progress.update({
 *   levels: [{ kind: "row", name: "τ = 10", index: 2, count: 6 }],
 *   step: 12,
 *   steps: 216,
 *   terms: { qfl: 0.52, ld: 0.11 },
 *   imagesPerSecond: 60,
 * });
 * await progress.close();
 * ```
 */
export function openProgress(): ProgressView {
  return inJupyter() ? new NotebookProgress() : new TerminalProgress();
}
