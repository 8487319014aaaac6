/**
 * The order in which suppression visits boxes: by falling score, ties by the
 * lower index.
 *
 * Use it where what comes first decides.
 *
 * @param scores `[N]`, no NaN.
 * @returns `[N]` indices.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { fallingOrder } from "ldlab/boxes/falling_order.ts";
 *
 * const order = fallingOrder(new Float32Array([0.2, 0.9, -1, 0.9]));
 * assert.deepEqual([...order], [1, 3, 0, 2]);
 * ```
 */
export function fallingOrder(scores: Float32Array): Uint32Array {
  // Sorting numbers is much faster than calling back to compare two scores: the
  // upper half of each is the score, as bits that rise where scores fall, the
  // lower half the index.
  const bits = new Uint32Array(scores.map((score) => score + 0).buffer); // no -0
  const keys = new BigUint64Array(scores.length);
  const halves = new Uint32Array(keys.buffer);
  for (let i = 0; i < bits.length; i++) {
    halves[2 * i] = i;
    halves[2 * i + 1] = bits[i] >>> 31 ? bits[i] : ~bits[i] & 0x7fffffff;
  }
  keys.sort();
  return halves.filter((_, place) => place % 2 === 0);
}
