import { spread } from "../lib/report/spread.ts";

/** What a change of settings did, seed by seed. */
export interface PairedDifference {
  /** Mean of changed minus baseline. */
  readonly mean: number;
  /** Standard error of the mean; `null` with one seed. */
  readonly standardError: number | null;
  /** Half width of the mean's 95 % confidence interval; `null` with one seed. */
  readonly halfWidth: number | null;
}

// Two-sided 95 % quantiles of Student's t for 1 to 30 degrees of freedom:
// NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.6.7.2.
// deno-fmt-ignore
const T95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
  2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
  2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/**
 * The mean difference of two settings run with the same seeds, with its 95 %
 * confidence interval by Student's t. Pairing takes out what a seed does to
 * both.
 *
 *     d_i = changed_i − baseline_i,   mean d ± t(n − 1) · s_d / √n
 *
 * @param changed One result a seed.
 * @param baseline The results of the same seeds, in the same order.
 * @returns The difference, in the results' unit.
 * @throws {RangeError} If there is no result, or the numbers differ.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const { mean, halfWidth } = pairedDifference([41, 43, 42], [40, 41, 39]);
 * assert.equal(mean, 2); // of 1, 2 and 3
 * assert.ok(Math.abs(halfWidth! - 4.303 / Math.sqrt(3)) < 1e-12);
 * ```
 */
export function pairedDifference(
  changed: readonly number[],
  baseline: readonly number[],
): PairedDifference {
  if (changed.length !== baseline.length) {
    throw new RangeError(
      "Cannot compare settings: both must have a result for each seed: " +
        `current numbers are ${changed.length} and ${baseline.length}`,
    );
  }
  const { mean, deviation } = spread(changed.map((v, i) => v - baseline[i]));
  if (deviation === null) return { mean, standardError: null, halfWidth: null };
  const standardError = deviation / Math.sqrt(changed.length);
  // Beyond 30 degrees of freedom its t stands: wider than it must be, by 4 % at
  // most, and never too narrow.
  const t = T95[changed.length - 2] ?? T95.at(-1)!;
  return { mean, standardError, halfWidth: t * standardError };
}
