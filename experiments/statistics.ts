/** Mean, deviation and confidence of a few seeds' results. */
export interface Summary {
  readonly count: number;
  readonly mean: number;
  /** Sample standard deviation (n − 1); NaN for a single value. */
  readonly deviation: number;
  /** Standard error of the mean; NaN for a single value. */
  readonly standardError: number;
  /** Half width of the 95 % confidence interval, by Student's t. */
  readonly halfWidth: number;
}

// Two-sided 95 % quantiles of Student's t for 1 to 30 degrees of freedom
// (NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.2).
// deno-fmt-ignore
const T95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
  2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
  2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/**
 * Summarises the results of several seeds. For a paired comparison, give the
 * differences seed by seed.
 *
 * @param values One value a seed, at least one.
 * @throws {RangeError} If there is no value.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const { mean, deviation, halfWidth } = summarize([1, 2, 3]);
 * assert.equal(mean, 2);
 * assert.equal(deviation, 1);
 * assert.ok(Math.abs(halfWidth - 4.303 / Math.sqrt(3)) < 1e-12);
 * ```
 */
export function summarize(values: readonly number[]): Summary {
  const count = values.length;
  if (count === 0) {
    throw new RangeError("Cannot summarize results: there is no value");
  }
  const mean = values.reduce((a, b) => a + b, 0) / count;
  const squares = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  const deviation = count > 1 ? Math.sqrt(squares / (count - 1)) : NaN;
  const standardError = deviation / Math.sqrt(count);
  // Beyond 30 degrees of freedom t is within 2.5 % of the normal's 1.96.
  const t = T95[count - 2] ?? 1.96;
  return {
    count,
    mean,
    deviation,
    standardError,
    halfWidth: t * standardError,
  };
}
