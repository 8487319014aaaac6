/**
 * How VOC reads AP off a curve: 2007's mean over 11 recalls, or the area under
 * the monotone curve that came later.
 */
export type Interpolation = "11points" | "area";

/**
 * Average precision of one precision–recall curve as Pascal VOC defines it.
 *
 * Use it as a step of `evaluateVoc`, or on curves of one's own. With p(r) the
 * largest precision at any recall from r on, 0 beyond the largest recall,
 *
 *     11points:  AP = (1 / 11) * sum over r in {0, 0.1, ..., 1} of p(r)
 *     area:      AP = sum_i (r_i - r_(i-1)) * p(r_i),  r_0 = 0
 *
 * @param recalls `[N]`, not falling, in [0, 1]: after each detection, best
 * first. The samples of 11 points are NumPy's multiples of 0.1, so that a
 * recall of 3/10 does not reach the fourth, 0.30000000000000004.
 * @param precisions `[N]` in [0, 1].
 * @param interpolation `"11points"` or `"area"`.
 * @returns A number in [0, 1]; 0 of no detections.
 * @throws {TypeError} If the arrays differ in length.
 * @throws {RangeError} If the interpolation is none of the two.
 * @see MMDetection 3.3.0 `average_precision`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { averagePrecision } from "ldlab/eval/average_precision.ts";
 *
 * // Two boxes; right, wrong, right.
 * const [recalls, precisions] = [[0.5, 0.5, 1], [1, 1 / 2, 2 / 3]];
 * const area = averagePrecision(recalls, precisions, "area");
 * assert.equal(area.toFixed(6), ((1 + 2 / 3) / 2).toFixed(6));
 * const points = averagePrecision(recalls, precisions, "11points"); // 0 to 0.5: six
 * assert.equal(points.toFixed(6), ((6 + 5 * 2 / 3) / 11).toFixed(6));
 * ```
 */
export function averagePrecision(
  recalls: ArrayLike<number>,
  precisions: ArrayLike<number>,
  interpolation: Interpolation,
): number {
  const count = recalls.length;
  if (precisions.length !== count) {
    throw new TypeError(
      `Cannot compute average precision: there must be ${count} precisions ` +
        `like recalls: current number is ${precisions.length}`,
    );
  }
  const monotone = Float64Array.from(precisions);
  for (let i = count - 1; i > 0; i--) {
    monotone[i - 1] = Math.max(monotone[i - 1], monotone[i]);
  }
  if (interpolation === "area") {
    let area = 0;
    for (let i = 0; i < count; i++) {
      area += (recalls[i] - (i === 0 ? 0 : recalls[i - 1])) * monotone[i];
    }
    return area;
  }
  if (interpolation !== "11points") {
    throw new RangeError(
      'Cannot compute average precision: interpolation must be "11points" or ' +
        `"area": current value is "${interpolation}"`,
    );
  }
  let sum = 0;
  let place = 0;
  for (let sample = 0; sample <= 10; sample++) {
    while (place < count && recalls[place] < sample * 0.1) place++;
    if (place === count) break;
    sum += monotone[place];
  }
  return sum / 11;
}
