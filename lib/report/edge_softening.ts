/** The edges of a box in the library's order. */
export const sideNames = ["left", "top", "right", "bottom"] as const;

/**
 * Probabilities of the bins at a temperature: softmax(logits / τ), in the
 * form that cannot overflow.
 *
 * @returns one probability a bin, of sum 1
 */
export function softened(
  logits: ArrayLike<number>,
  temperature: number,
): number[] {
  const scaled = Array.from(logits, (logit) => logit / temperature);
  const largest = Math.max(...scaled);
  const powers = scaled.map((value) => Math.exp(value - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/**
 * What one edge's distribution says, in words.
 *
 * @returns mean and peak at the temperature, distances in strides
 */
export function edgeInWords(
  logits: ArrayLike<number>,
  temperature: number,
): string {
  const p = softened(logits, temperature);
  const mean = p.reduce((sum, value, bin) => sum + value * bin, 0);
  const largest = Math.max(...p);
  return `mean ${mean.toFixed(2)} strides, peak ${largest.toFixed(3)} at ${
    p.indexOf(largest)
  }`;
}

/**
 * The box that four edges predict: mean distances at τ = 1 from the location.
 *
 * @returns [x1, y1, x2, y2] in pixels
 */
export function boxOfEdges(
  logits: readonly ArrayLike<number>[],
  [x, y]: readonly [number, number],
  stride: number,
): number[] {
  const [left, top, right, bottom] = logits.map((edge) =>
    stride * softened(edge, 1).reduce((sum, p, bin) => sum + p * bin, 0)
  );
  return [x - left, y - top, x + right, y + bottom];
}
