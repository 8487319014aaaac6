/**
 * The boxes with the given indices, in that order.
 *
 * Use it on what suppression keeps.
 *
 * @param boxes `[N, 4]`.
 * @param indices `[K]`, each below N.
 * @returns `[K, 4]`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { takeBoxes } from "ldlab/boxes/take_boxes.ts";
 *
 * const boxes = new Float32Array([0, 0, 1, 1, 5, 5, 6, 6]);
 * assert.deepEqual([...takeBoxes(boxes, new Int32Array([1]))], [5, 5, 6, 6]);
 * ```
 */
export function takeBoxes(
  boxes: Float32Array,
  indices: Int32Array | Uint32Array,
): Float32Array {
  const taken = new Float32Array(indices.length * 4);
  indices.forEach((index, row) =>
    taken.set(boxes.subarray(index * 4, index * 4 + 4), row * 4)
  );
  return taken;
}
