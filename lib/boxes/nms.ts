import { BoxGrid } from "./box_grid.ts";
import { classesApart } from "./classes_apart.ts";
import { fallingOrder } from "./falling_order.ts";
import { boxAreas, pairIou } from "./pair_overlap.ts";
import {
  requireLimit,
  requireScoredBoxes,
  requireThreshold,
} from "./scored_boxes.ts";

const round = Math.fround;

/**
 * Non-maximum suppression: keeps the best box of every heap of boxes.
 *
 * Use it on boxes of one class, or on all for class-agnostic NMS;
 * `multiclassNms` keeps classes apart. Where x2 and y2 are the last pixels
 * inside (MMCV's `offset` of 1), add 1 to both first. Boxes are visited by
 * falling score (ties by the lower index); a box is kept unless its IoU with a
 * kept box is greater than the threshold. Arithmetic is float32. Kept boxes stand
 * in a grid, so that a box meets only those near to it.
 *
 * @param boxes `[N, 4]`: x1, y1, x2, y2, finite, any unit.
 * @param scores `[N]`.
 * @param iouThreshold In [0, 1]; an IoU equal to it does not suppress.
 * @param limit Keep at most so many.
 * @returns Indices of the kept boxes, highest score first.
 * @throws {TypeError} If there are not 4 coordinates for each score.
 * @throws {RangeError} If the threshold is outside [0, 1], the limit negative, or
 * a coordinate not finite or a score NaN.
 * @see MMCV 2.1.0 `ops.nms`; torchvision's keeps the same but where an IoU is the
 * threshold rounded to float32, for it does not round that.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { nms } from "ldlab/boxes/nms.ts";
 *
 * const boxes = new Float32Array([0, 0, 10, 10, 0, 0, 10, 9, 20, 20, 30, 30]);
 * const scores = new Float32Array([0.6, 0.9, 0.7]);
 * assert.deepEqual([...nms(boxes, scores, 0.6)], [1, 2]);
 * ```
 */
export function nms(
  boxes: Float32Array,
  scores: Float32Array,
  iouThreshold: number,
  limit: number = Infinity,
): Int32Array {
  requireScoredBoxes(boxes, scores);
  requireThreshold("IoU threshold", iouThreshold);
  requireLimit(limit);
  const threshold = round(iouThreshold);
  const kept: number[] = [];
  const areas = boxAreas(boxes);
  const grid = new BoxGrid(boxes); // of those that were kept
  // Two boxes whose IoU is above t share more than t of either one's width: the
  // common stretch reaches into what is left of the candidate when t of its width
  // is taken off both ends, or its middle. The same holds in y. A little less is
  // taken off, for IoUs are rounded.
  const inset = Math.min(0.999 * threshold, 0.5);
  for (const candidate of fallingOrder(scores)) {
    if (kept.length >= limit) break;
    const [x1, y1, x2, y2] = boxes.subarray(candidate * 4, candidate * 4 + 4);
    const [dx, dy] = [inset * (x2 - x1), inset * (y2 - y1)];
    const suppressed = grid.under(x1 + dx, y1 + dy, x2 - dx, y2 - dy)
      .some((near) =>
        near.some((best) => pairIou(boxes, areas, best, candidate) > threshold)
      );
    if (suppressed) continue;
    for (const cell of grid.under(x1, y1, x2, y2)) cell.push(candidate);
    kept.push(candidate);
  }
  return Int32Array.from(kept);
}

/**
 * Non-maximum suppression within each class.
 *
 * Use it to turn the scored boxes of a detector into detections; class-agnostic
 * NMS is `nms`. As in the reference code, boxes are first moved apart by
 * `classesApart` and then suppressed together, in float32. So with negative
 * coordinates boxes of different classes may still meet; boxes clipped to the
 * image do not.
 *
 * @param options.boxes `[N, 4]`: x1, y1, x2, y2, finite, any unit.
 * @param options.scores `[N]`.
 * @param options.labels `[N]`: class of each box, 0 or more.
 * @param options.iouThreshold In [0, 1]; an IoU equal to it does not suppress.
 * @param options.limit Keep at most so many of all classes together.
 * @returns Indices of the kept boxes, highest score first, ties by the lower index.
 * @throws {TypeError} If there are not 4 coordinates and 1 label for each score.
 * @throws {RangeError} If the threshold is outside [0, 1], the limit negative, or
 * a coordinate not finite or a score NaN.
 * @see MMCV 2.1.0 `ops.batched_nms`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { multiclassNms } from "ldlab/boxes/nms.ts";
 *
 * const kept = multiclassNms({
 *   boxes: new Float32Array([0, 0, 10, 10, 0, 0, 10, 9, 0, 0, 10, 9]),
 *   scores: new Float32Array([0.6, 0.9, 0.7]),
 *   labels: new Int32Array([0, 0, 1]),
 *   iouThreshold: 0.6,
 * });
 * assert.deepEqual([...kept], [1, 2]);
 * ```
 */
export function multiclassNms(
  { boxes, scores, labels, iouThreshold, limit }: {
    boxes: Float32Array;
    scores: Float32Array;
    labels: Int32Array;
    iouThreshold: number;
    limit?: number;
  },
): Int32Array {
  requireScoredBoxes(boxes, scores, labels);
  return nms(classesApart(boxes, labels), scores, iouThreshold, limit);
}
