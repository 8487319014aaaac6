import { DivergenceError } from "./divergence.ts";

/**
 * Guards the terms of a training step against NaN and infinity.
 *
 * @param terms What the step returned.
 * @param where.iteration Of the step.
 * @param where.learningRate That the step had.
 * @param where.ids Of the images in its batch.
 * @param where.written The last checkpoint's path, if there is one.
 * @throws {DivergenceError} If a term is not finite, with its name and place.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { checkFinite } from "ldlab/train/finite_terms.ts";
 *
 * const where = { iteration: 7, learningRate: 0.01, ids: ["a"], written: undefined };
 * checkFinite({ total: 1 }, where);
 * assert.throws(
 *   () => checkFinite({ total: NaN }, where),
 *   /'total' is NaN at iteration 7, of the images a/,
 * );
 * ```
 */
export function checkFinite(
  terms: Readonly<Record<string, number>>,
  { iteration, learningRate, ids, written }: {
    iteration: number;
    learningRate: number;
    ids: readonly string[];
    written: string | undefined;
  },
): void {
  for (const [name, value] of Object.entries(terms)) {
    if (Number.isFinite(value)) continue;
    throw new DivergenceError(
      `Cannot go on training: '${name}' is ${value} at iteration ` +
        `${iteration}, of the images ${ids.join(", ")}. Look at these images ` +
        `and their boxes, or lower the learning rate ` +
        `(${Number(learningRate.toPrecision(3))} here). ` +
        (written
          ? `The last good checkpoint is ${written}; going on from it with ` +
            `the same settings and images ends here again`
          : `No checkpoint had been written`),
      { iteration, term: name, value: `${value}`, learningRate, images: ids },
    );
  }
}
