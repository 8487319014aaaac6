import type { Divergence } from "../lib/train/mod.ts";

/** A run as it is stored, whatever came of it. */
export interface RunRecord {
  /** Hash of the resolved config and the seed. */
  readonly id: string;
  readonly label: string;
  /** `running` is also what was stopped or killed: it goes on when asked for. */
  readonly status: "running" | "finished" | "diverged";
  readonly seed: number;
  readonly config: unknown;
  /** The teacher's run, if there is one. */
  readonly teacher: string | null;
  /**
   * SHA-256 of the files of weights that the run starts from, `initial`, and is
   * distilled from, `teacher`, where it has them.
   */
  readonly weights: Readonly<Record<string, string>>;
  readonly numerics: number;
  readonly commit: string;
  readonly environment: string;
  readonly started: string;
  /**
   * Seconds of training and evaluation over all sittings; of one that was
   * killed, up to its last checkpoint. The first run of a sitting that asks a
   * teacher about an image waits for its answer, which is kept for the others.
   * 0 until the run has ended.
   */
  readonly seconds: number;
  /**
   * Share of the training's last sitting in which the step waited for a batch,
   * 0 to 1; `null` where it is not known.
   */
  readonly waitShare: number | null;
  /** `null` unless the run is finished. */
  readonly metrics: Readonly<Record<string, number>> | null;
  /**
   * Mean of every loss term, one entry an epoch; of a resumed epoch, its rest;
   * `null` where the database was lost and the run went on from a checkpoint.
   */
  readonly epochs: readonly (Readonly<Record<string, number>> | null)[];
  /**
   * The metrics after some of the epochs, in their order: those that were asked
   * for, and the last. None of runs that are older than this record of them.
   */
  readonly evaluations: readonly Evaluation[];
  /**
   * Where the training diverged, and the run whose it was: this one, or one that
   * it was to learn from. `null` unless the run is `diverged`.
   */
  readonly divergence: (Divergence & { readonly run: string }) | null;
}

/** How a run's detector measured up on its way. */
export interface Evaluation {
  /** How many epochs it had been trained. */
  readonly epoch: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/**
 * What came of a diverged run, in a sentence.
 *
 * @throws {TypeError} If the run has not diverged.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { divergenceText, type RunRecord } from "./run_record.ts";
 *
 * const divergence = { run: "a1", iteration: 7, term: "ld", value: "NaN", learningRate: 1, images: ["a"] };
 * const text = divergenceText({ id: "a1", label: "LD", seed: 0, divergence } as unknown as RunRecord);
 * assert.equal(text, "LD, seed 0, diverged: 'ld' was NaN at iteration 7, of the images a, at the learning rate 1");
 * ```
 */
export function divergenceText(
  { id, label, seed, divergence }: RunRecord,
): string {
  if (divergence === null) {
    throw new TypeError(
      `Cannot say how ${label}, seed ${seed}, diverged: it did not`,
    );
  }
  const { run, iteration, term, value, learningRate, images } = divergence;
  const whose = run === id
    ? "diverged"
    : `cannot learn from run ${run}, which diverged`;
  return `${label}, seed ${seed}, ${whose}: '${term}' was ${value} at ` +
    `iteration ${iteration}, of the images ${images.join(", ")}, at the ` +
    `learning rate ${Number(learningRate.toPrecision(3))}`;
}
