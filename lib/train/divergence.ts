/** Where a training diverged. */
export interface Divergence {
  /** The step, from 0. */
  readonly iteration: number;
  /** What the step returned under this name was not finite. */
  readonly term: string;
  /** `NaN`, `Infinity` or `-Infinity`. */
  readonly value: string;
  readonly learningRate: number;
  /** Ids of the images in the step's batch. */
  readonly images: readonly string[];
}

/**
 * A training diverged: says where, for people in its message and for programs in
 * its {@linkcode DivergenceError.divergence}.
 *
 * Use it to tell a run that diverged from one that was asked for wrongly.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { DivergenceError } from "ldlab/train/divergence.ts";
 *
 * const where = { iteration: 7, term: "ld", value: "NaN", learningRate: 1, images: ["a"] };
 * const error = new DivergenceError("Cannot go on training", where);
 * assert.ok(error instanceof RangeError);
 * assert.equal(error.divergence.iteration, 7);
 * ```
 */
export class DivergenceError extends RangeError {
  readonly divergence: Divergence;

  /**
   * @param message Says what diverged, where, and what to do.
   * @param divergence The same as data.
   */
  constructor(message: string, divergence: Divergence) {
    super(message);
    this.divergence = divergence;
  }
}
