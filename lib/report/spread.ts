/** The mean of repeated measurements and how far they lie apart. */
export interface Spread {
  /** Arithmetic mean. */
  readonly mean: number;
  /** Sample standard deviation (n − 1); `null` where one value leaves it unknown. */
  readonly deviation: number | null;
  /** The measurements themselves, e.g. one AP per seed. */
  readonly values: readonly number[];
}

/**
 * The mean and the sample standard deviation of repeated measurements.
 *
 * Use it for a row that was run with several seeds; a {@link Table} prints it
 * as `40.9 ± 0.6`, or as `40.9` when there was one seed only.
 *
 *     mean = Σ v / n,   deviation = √( Σ (v − mean)² / (n − 1) )
 *
 * @param values one finite number per seed, at least one, any unit
 * @returns mean and deviation in the unit of the values
 * @throws {RangeError} without values, or when one is not finite
 *
 * @example
 * ```ts
 * import { spread } from "ldlab/report/spread.ts";
 * import assert from "node:assert/strict";
 *
 * const { mean, deviation } = spread([38, 39, 40]);
 * assert.equal(mean, 39);
 * assert.equal(deviation, 1);
 * assert.equal(spread([38]).deviation, null);
 * ```
 */
export function spread(values: readonly number[]): Spread {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (values.length === 0 || bad >= 0) {
    throw new RangeError(
      "Cannot compute a spread: there must be at least one value and all must be finite: current values are " +
        `[${values.join(", ")}]`,
    );
  }
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mean,
    deviation: n > 1 ? Math.sqrt(squares / (n - 1)) : null,
    values: [...values],
  };
}
