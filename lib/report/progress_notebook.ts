import { type Display, openDisplay } from "./jupyter.ts";
import type { ProgressState, ProgressView } from "./progress.ts";
import {
  activityName,
  progressFraction,
  progressLine,
  TimeLeft,
} from "./progress_line.ts";
import { escapeHtml } from "./table_html.ts";

/** Milliseconds between two pictures. */
const pause = 250;

/**
 * A bar and a line in the output of a cell, renewed in place.
 *
 * Use {@link openProgress}, which takes it in a notebook. A page that gets
 * hundreds of updates a second falls behind, so it draws at most four, beside
 * new activities; the last state is always drawn.
 *
 * @param display where to draw, a new place of the running cell by default
 *
 * @example
 * ```ts
 * import { NotebookProgress } from "ldlab/report/progress_notebook.ts";
 * import assert from "node:assert/strict";
 *
 * const texts: string[] = [];
 * const progress = new NotebookProgress({
 *   put: (bundle) => Promise.resolve(void texts.push(String(bundle["text/plain"]))),
 * });
 * progress.update({ levels: [], step: 1, steps: 2 });
 * progress.update({ levels: [], step: 2, steps: 2 });
 * await progress.close();
 * assert.deepEqual(texts, ["step 1/2", "step 2/2"]);
 * ```
 */
export class NotebookProgress implements ProgressView {
  readonly #display: Display;
  readonly #left = new TimeLeft();
  #next: ProgressState | undefined;
  #drawing: Promise<void> = Promise.resolve();
  #drawnAt = -Infinity;
  #draws = 0;
  #activity: string | undefined;

  constructor(display: Display = openDisplay()) {
    this.#display = display;
  }

  async update(state: ProgressState): Promise<void> {
    this.#next = state;
    const now = performance.now();
    // The clock also runs for states that are not drawn.
    this.#left.at(state, now / 1000);
    const activity = activityName(state);
    const begins = activity !== undefined && activity !== this.#activity;
    this.#activity = activity;
    const early = this.#draws > 0 || now - this.#drawnAt < pause;
    if (early && !begins) return;
    this.#draws++;
    this.#drawnAt = now;
    const drawing = this.#draws > 1
      ? this.#drawing.then(() => this.#draw(state))
      : this.#draw(state);
    // A page that is gone must not stop the run that it watched.
    this.#drawing = drawing.catch(() => {}).finally(() => this.#draws--);
    await this.#drawing;
  }

  async close(message?: string): Promise<void> {
    await this.#drawing;
    if (message !== undefined) {
      await this.#display.put({
        "text/html": `<div>${escapeHtml(message)}</div>`,
        "text/plain": message,
      });
    } else if (this.#next !== undefined) await this.#draw(this.#next);
  }

  async #draw(state: ProgressState): Promise<void> {
    if (this.#next === state) this.#next = undefined;
    const left = this.#left.at(state, performance.now() / 1000);
    const line = progressLine(state, left);
    await this.#display.put({
      "text/html":
        `<progress max="1" value="${
          progressFraction(state).toFixed(4)
        }" style="width:24em"></progress>` +
        `<div style="font-variant-numeric:tabular-nums">${
          escapeHtml(line)
        }</div>`,
      "text/plain": line,
    });
  }
}
