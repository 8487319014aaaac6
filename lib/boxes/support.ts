/** Where the n bins of an edge's distribution lie. */
export interface Support {
  /**
   * The number that the first bin stands for.
   *
   * @default {0}
   */
  from?: number;
  /**
   * The number that the last bin stands for; the others lie between at equal
   * steps.
   *
   * @default {n − 1}
   */
  to?: number;
}

/**
 * The numbers that the bins of a distribution stand for.
 *
 * @param task What cannot be done otherwise, as in "compute the integral".
 * @param bins n, at least 1.
 * @param support Where the first and the last bin lie.
 * @returns e_1 to e_n; a single bin lies at `from`.
 * @throws {RangeError} If `bins` is no whole number above 0, or the support no
 * range of finite numbers.
 */
export function supportPoints(
  task: string,
  bins: number,
  { from = 0, to = bins - 1 }: Support,
): number[] {
  if (!(Number.isInteger(bins) && bins > 0)) {
    throw new RangeError(
      `Cannot ${task}: bins must be a whole number above 0: current value is ${bins}`,
    );
  }
  if (bins === 1 && Number.isFinite(from)) return [from];
  if (!(Number.isFinite(from) && Number.isFinite(to) && from < to)) {
    throw new RangeError(
      `Cannot ${task}: the support must go from a finite number to a larger ` +
        `one: current values are ${from} and ${to}`,
    );
  }
  const step = (to - from) / (bins - 1);
  return Array.from({ length: bins }, (_, i) => from + i * step);
}
