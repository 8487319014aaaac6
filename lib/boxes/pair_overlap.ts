const round = Math.fround;

/**
 * Areas of boxes in float32, for {@linkcode pairIou}.
 *
 * @param boxes `[N, 4]`: x1, y1, x2, y2, any unit.
 * @returns `[N]` in that unit squared.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { boxAreas } from "ldlab/boxes/pair_overlap.ts";
 *
 * assert.deepEqual([...boxAreas(new Float32Array([1, 1, 3, 5]))], [8]);
 * ```
 */
export function boxAreas(boxes: Float32Array): Float32Array {
  const areas = new Float32Array(boxes.length / 4);
  for (let i = 0; i < boxes.length; i += 4) {
    areas[i / 4] = round(boxes[i + 2] - boxes[i]) *
      round(boxes[i + 3] - boxes[i + 1]);
  }
  return areas;
}

/**
 * IoU of two boxes of one set, as suppression computes it.
 *
 * Use it where pairs decide one by one; `pairwiseOverlaps` is for matrices. Each
 * operation is rounded to float32. Boxes without a common area have an IoU of
 * 0, also two equal boxes without area, for which the references divide 0 by 0,
 * and boxes too large for float32 to hold their area.
 *
 *     IoU = I / (|a| + |b| - I)
 *
 * @param boxes `[N, 4]`: x1, y1, x2, y2, any unit.
 * @param areas `[N]`, of {@linkcode boxAreas}.
 * @param a Index of a box.
 * @param b Index of another.
 * @returns In [0, 1].
 * @see MMCV 2.1.0 `ops.nms`; Zzh-tju/CIoU `jaccard`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { boxAreas, pairIou } from "ldlab/boxes/pair_overlap.ts";
 *
 * const boxes = new Float32Array([0, 0, 4, 2, 2, 0, 4, 2]);
 * assert.equal(pairIou(boxes, boxAreas(boxes), 0, 1), 0.5);
 * ```
 */
export function pairIou(
  boxes: Float32Array,
  areas: Float32Array,
  a: number,
  b: number,
): number {
  const i = a * 4;
  const j = b * 4;
  const width = Math.min(boxes[i + 2], boxes[j + 2]) -
    Math.max(boxes[i], boxes[j]);
  if (!(width > 0)) return 0;
  const height = Math.min(boxes[i + 3], boxes[j + 3]) -
    Math.max(boxes[i + 1], boxes[j + 1]);
  if (!(height > 0)) return 0;
  const intersection = round(round(width) * round(height));
  return round(
    intersection / round(round(areas[a] + areas[b]) - intersection),
  ) || 0;
}

/**
 * How far apart the centres of two boxes are, for the size of both.
 *
 * Use it as the penalty of DIoU, with an exponent of the method's choice:
 * `pairIou(…) - centerPenalty(…) ** beta`. With the squared distance ρ² of the
 * centres and the squared diagonal c² of the smallest box around both, in float32
 *
 *     P = ρ² / (c² + 1e-7)
 *
 * or 0 where float32 cannot hold ρ² and c².
 *
 * @param boxes `[N, 4]`: x1, y1, x2, y2, any unit.
 * @param a Index of a box.
 * @param b Index of another.
 * @returns In [0, 1].
 * @see Zzh-tju/CIoU `diou` (P^0.9) and `distance` (P^0.6); HikariTJU/LD
 * `bbox_nms.py` (P^0.8); DIoU, https://arxiv.org/abs/1911.08287, eq. 6 (P).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { centerPenalty } from "ldlab/boxes/pair_overlap.ts";
 *
 * const boxes = new Float32Array([0, 0, 2, 2, 0, 0, 4, 4]); // ρ² = 2, c² = 32
 * assert.equal(centerPenalty(boxes, 0, 1), 2 / 32);
 * ```
 */
export function centerPenalty(
  boxes: Float32Array,
  a: number,
  b: number,
): number {
  const [i, j] = [a * 4, b * 4];
  const squared = (x: number) => round(x * x);
  const center = (from: number, to: number) => round(round(from + to) / 2);
  const x = round(
    center(boxes[j], boxes[j + 2]) - center(boxes[i], boxes[i + 2]),
  );
  const y = round(
    center(boxes[j + 1], boxes[j + 3]) - center(boxes[i + 1], boxes[i + 3]),
  );
  const width = round(
    Math.max(boxes[i + 2], boxes[j + 2]) - Math.min(boxes[i], boxes[j]),
  );
  const height = round(
    Math.max(boxes[i + 3], boxes[j + 3]) - Math.min(boxes[i + 1], boxes[j + 1]),
  );
  const diagonal = round(
    round(squared(width) + squared(height)) + round(1e-7),
  );
  return round(round(squared(x) + squared(y)) / diagonal) || 0;
}
