import { BoxGrid } from "./box_grid.ts";

const round = Math.fround;

/**
 * Non-maximum suppression: keeps the best box of every heap of boxes.
 *
 * Use it on boxes of one class; `multiclassNms` keeps classes apart. Boxes are
 * visited by falling score (ties by the lower index); a box is kept unless its
 * IoU with a kept box is greater than the threshold. Arithmetic is float32. Kept
 * boxes stand in a grid, so that a box meets only those near to it.
 *
 * @param boxes `[N, 4]`: x1, y1, x2, y2, any unit.
 * @param scores `[N]`.
 * @param iouThreshold In [0, 1]; an IoU equal to it does not suppress.
 * @param limit Keep at most so many.
 * @returns Indices of the kept boxes, highest score first.
 * @throws {TypeError} If there are not 4 coordinates for each score.
 * @throws {RangeError} If the threshold is outside [0, 1] or the limit negative.
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
  checkBoxes(boxes, scores);
  if (!(iouThreshold >= 0 && iouThreshold <= 1)) {
    throw new RangeError(
      "Cannot suppress boxes: IoU threshold must be in [0, 1]: current value " +
        `is ${iouThreshold}`,
    );
  }
  if (!(limit >= 0)) {
    throw new RangeError(
      `Cannot suppress boxes: limit must not be negative: current value is ${limit}`,
    );
  }
  const threshold = round(iouThreshold);
  const kept: number[] = [];
  const areas = new Float32Array(scores.length);
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
    areas[candidate] = round(x2 - x1) * round(y2 - y1);
    const suppressed = grid.under(x1 + dx, y1 + dy, x2 - dx, y2 - dy)
      .some((near) =>
        near.some((best) => overlap(boxes, areas, best, candidate) > threshold)
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
 * Use it to turn the scored boxes of a detector into detections. As in the
 * reference code, boxes are first moved apart by `label * (largest coordinate
 * + 1)` and then suppressed together, in float32. So with negative coordinates
 * boxes of different classes may still meet; boxes clipped to the image do not.
 *
 * @param options.boxes `[N, 4]`: x1, y1, x2, y2, any unit.
 * @param options.scores `[N]`.
 * @param options.labels `[N]`: class of each box, 0 or more.
 * @param options.iouThreshold In [0, 1]; an IoU equal to it does not suppress.
 * @param options.limit Keep at most so many of all classes together.
 * @returns Indices of the kept boxes, highest score first, ties by the lower index.
 * @throws {TypeError} If there are not 4 coordinates and 1 label for each score.
 * @throws {RangeError} If the threshold is outside [0, 1] or the limit negative.
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
  checkBoxes(boxes, scores);
  if (labels.length !== scores.length) {
    throw new TypeError(
      `Cannot suppress boxes: there must be a label for each of the ` +
        `${scores.length} scores: current number of labels is ${labels.length}`,
    );
  }
  let largest = -Infinity;
  for (const coordinate of boxes) largest = Math.max(largest, coordinate);
  const step = round(largest + 1);
  const apart = boxes.map((coordinate, index) =>
    coordinate + round(labels[index >> 2] * step)
  );
  return nms(apart, scores, iouThreshold, limit);
}

/** Indices by falling score, ties by the lower index. */
function fallingOrder(scores: Float32Array): Uint32Array {
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

/** IoU of the boxes with indices `a` and `b`. */
function overlap(
  boxes: Float32Array,
  areas: Float32Array,
  a: number,
  b: number,
): number {
  const [i, j] = [a * 4, b * 4];
  const width = round(
    Math.min(boxes[i + 2], boxes[j + 2]) - Math.max(boxes[i], boxes[j]),
  );
  const height = round(
    Math.min(boxes[i + 3], boxes[j + 3]) - Math.max(boxes[i + 1], boxes[j + 1]),
  );
  if (width <= 0 || height <= 0) return 0;
  const intersection = round(width * height);
  return round(
    intersection / round(round(areas[a] + areas[b]) - intersection),
  );
}

function checkBoxes(boxes: Float32Array, scores: Float32Array): void {
  if (boxes.length !== scores.length * 4) {
    throw new TypeError(
      `Cannot suppress boxes: boxes must be [${scores.length}, 4], a row for ` +
        `each score: current length is ${boxes.length}`,
    );
  }
}
