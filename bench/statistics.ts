/**
 * A quantile, linear between the two nearest values (NumPy's default).
 *
 * @param values At least one finite number.
 * @param share In [0, 1]: 0.5 is the median.
 * @throws {RangeError} Without values, or where one is not finite.
 */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0 || !values.every(Number.isFinite)) {
    throw new RangeError(
      "Cannot compute a quantile: there must be at least one value and all " +
        `must be finite: current values are [${values.join(", ")}]`,
    );
  }
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.ceil(place);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}

/** The middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
