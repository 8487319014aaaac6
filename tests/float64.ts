/** Formulas in float64 on the host: independent sources of expected values. */

/**
 * The derivatives of a function by central differences: the independent source
 * of gradients in closed form.
 */
export function centralDifferences(
  f: (x: number[]) => number,
  at: ArrayLike<number>,
  step = 1e-5,
): number[] {
  return Array.from(at, (_, i) => {
    const [up, down] = [Array.from(at), Array.from(at)];
    up[i] += step;
    down[i] -= step;
    return (f(up) - f(down)) / (up[i] - down[i]);
  });
}

/** log softmax of one row. */
export function logSoftmax(z: ArrayLike<number>): number[] {
  const row = Array.from(z);
  const largest = Math.max(...row);
  const sum = row.reduce((s, x) => s + Math.exp(x - largest), 0);
  return row.map((x) => x - largest - Math.log(sum));
}

/** A row-major array cut into rows of `n`. */
export function rows(data: ArrayLike<number>, n: number): number[][] {
  const all = Array.from(data);
  return Array.from(
    { length: all.length / n },
    (_, i) => all.slice(i * n, i * n + n),
  );
}

/** `count` values that look random, the same in every run, within ±`scale`. */
export function wave(count: number, scale: number, phase = 0): Float32Array {
  return Float32Array.from(
    { length: count },
    (_, i) => scale * Math.sin(phase + 1 + i * i * 0.37 + i * 7.3),
  );
}

/** The sum of values. */
export function sum(values: ArrayLike<number>): number {
  return Array.from(values).reduce((a, b) => a + b, 0);
}
