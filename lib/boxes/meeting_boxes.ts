/**
 * Visits each pair of boxes that have a common area, once.
 *
 * Use it where few of all pairs matter, in place of a matrix. A line sweeps from
 * left to right over the boxes of each class and holds nothing but their order.
 * Labels keep classes apart exactly, wherever their boxes lie.
 *
 * @param boxes `[N, 4]`: x1, y1, x2, y2, any unit.
 * @param labels `[N]`: only boxes of one class meet; all boxes without them.
 * @param visit Called with the indices of two boxes, the lower index first; the
 * pairs come in no order to rely on. Boxes without area may come too.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { forEachMeeting } from "ldlab/boxes/meeting_boxes.ts";
 *
 * const boxes = new Float32Array([5, 0, 7, 2, 0, 0, 2, 2, 1, 1, 3, 3]);
 * const pairs: number[][] = [];
 * forEachMeeting(boxes, undefined, (a, b) => pairs.push([a, b]));
 * assert.deepEqual(pairs, [[1, 2]]);
 * ```
 */
export function forEachMeeting(
  boxes: Float32Array,
  labels: Int32Array | undefined,
  visit: (a: number, b: number) => void,
): void {
  const order = Uint32Array.from({ length: boxes.length / 4 }, (_, i) => i);
  order.sort((a, b) =>
    (labels ? labels[a] - labels[b] : 0) || boxes[a * 4] - boxes[b * 4]
  );
  for (let first = 0; first < order.length; first++) {
    const a = order[first];
    const [, top, right, bottom] = boxes.subarray(a * 4, a * 4 + 4);
    for (let next = first + 1; next < order.length; next++) {
      const b = order[next];
      if (!(boxes[b * 4] < right) || (labels && labels[a] !== labels[b])) break;
      if (!(boxes[b * 4 + 1] < bottom && boxes[b * 4 + 3] > top)) continue;
      if (a < b) visit(a, b);
      else visit(b, a);
    }
  }
}
