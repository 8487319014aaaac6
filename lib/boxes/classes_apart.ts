const round = Math.fround;

/**
 * Moves the boxes of each class to a place of their own.
 *
 * Use it to suppress the boxes of all classes in one go. As in MMCV, a box is
 * moved right and down by `label * (largest coordinate + 1)` in float32, whose
 * rounding is part of the reference's results. Where coordinates are negative,
 * boxes of different classes may still meet; boxes clipped to the image do not.
 *
 * @param boxes `[N, 4]`: x1, y1, x2, y2, any unit.
 * @param labels `[N]`: class of each box, 0 or more.
 * @returns `[N, 4]` in the same unit.
 * @see MMCV 2.1.0 `ops.batched_nms`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { classesApart } from "ldlab/boxes/classes_apart.ts";
 *
 * const boxes = new Float32Array([0, 0, 4, 2, 0, 0, 4, 2]);
 * const apart = classesApart(boxes, new Int32Array([0, 2]));
 * assert.deepEqual([...apart], [0, 0, 4, 2, 10, 10, 14, 12]); // 2 * (4 + 1)
 * ```
 */
export function classesApart(
  boxes: Float32Array,
  labels: Int32Array,
): Float32Array {
  let largest = -Infinity;
  for (const coordinate of boxes) largest = Math.max(largest, coordinate);
  const step = round(largest + 1);
  return boxes.map((coordinate, index) =>
    coordinate + round(labels[index >> 2] * step)
  );
}
