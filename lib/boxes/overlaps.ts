/**
 * How two boxes overlap:
 * - `iou` intersection over union,
 * - `iof` intersection over the area of the first box,
 * - `giou` generalized IoU,
 * - `diou` IoU less the normalised distance of the centres,
 * - `diof` the same with IoF for IoU: what the LD repository computes for "diou".
 */
export type OverlapMeasure = "iou" | "iof" | "giou" | "diou" | "diof";

const round = Math.fround;
const smallest = round(1e-6);

/**
 * Overlaps of every box of one set with every box of another, on the host.
 *
 * Use it for assignment and regions, which need no gradient; inside a compiled
 * step use the tensor functions of `iou.ts`. Every operation is rounded to
 * float32, so that thresholds decide as they do in the reference code.
 *
 * With the intersection I, the union U, the smallest enclosing box of area E
 * and squared diagonal c², and the squared distance ρ² of the centres:
 *
 *     IoU = I / U            IoF = I / |a|          GIoU = IoU - (E - U) / E
 *     DIoU = IoU - ρ² / c²   DIoF = IoF - ρ² / c²
 *
 * @param a `[N, 4]`: x1, y1, x2, y2, any unit. The anchors, for IoF and DIoF.
 * @param b `[M, 4]` in the same unit.
 * @param measure Which overlap.
 * @returns `[N, M]` row-major: IoU and IoF in [0, 1], the others in [-1, 1].
 * @throws {TypeError} If a length is not a multiple of 4.
 * @throws {RangeError} If the measure is unknown.
 * @see MMDetection 3.3.0 `bbox_overlaps` (denominators at least 1e-6); GIoU,
 * https://arxiv.org/abs/1902.09630; DIoU, https://arxiv.org/abs/1911.08287,
 * eq. 7. The LD repository's `bbox_overlaps(mode="diou")` leaves the union at
 * the area of the first box, so it is this function's `diof`; its `diou` is
 * what the paper writes.
 *
 * @example True DIoU and the released measure of a small anchor inside a large box
 * ```ts
 * import assert from "node:assert/strict";
 * import { pairwiseOverlaps } from "ldlab/boxes/overlaps.ts";
 *
 * const anchor = new Float32Array([0, 0, 2, 2]);
 * const object = new Float32Array([0, 0, 4, 4]);
 * // I = 4, U = 16, |a| = 4; centres (1, 1) and (2, 2): ρ² = 2; c² = 32.
 * assert.equal(pairwiseOverlaps(anchor, object, "diou")[0], 0.25 - 2 / 32);
 * assert.equal(pairwiseOverlaps(anchor, object, "diof")[0], 1 - 2 / 32);
 * ```
 */
export function pairwiseOverlaps(
  a: Float32Array,
  b: Float32Array,
  measure: OverlapMeasure,
): Float32Array {
  for (const boxes of [a, b]) {
    if (boxes.length % 4 !== 0) {
      throw new TypeError(
        "Cannot compute overlaps: boxes must be [N, 4]: current length is " +
          boxes.length,
      );
    }
  }
  if (!["iou", "iof", "giou", "diou", "diof"].includes(measure)) {
    throw new RangeError(
      "Cannot compute overlaps: measure must be iou, iof, giou, diou or diof: " +
        `current value is "${measure}"`,
    );
  }
  const columns = b.length / 4;
  const result = new Float32Array(a.length / 4 * columns);
  for (let i = 0; i < a.length / 4; i++) {
    for (let j = 0; j < columns; j++) {
      result[i * columns + j] = overlap(a, i * 4, b, j * 4, measure);
    }
  }
  return result;
}

/**
 * The overlap of one box with another; `pairwiseOverlaps` of a single pair.
 *
 * Use it where few of all pairs matter. It checks nothing.
 *
 * @param a `[N, 4]`: x1, y1, x2, y2, any unit.
 * @param i Where the first box starts in `a`: four times its index.
 * @param b `[M, 4]` in the same unit.
 * @param j Where the second box starts in `b`.
 * @param measure Which overlap.
 * @returns What `pairwiseOverlaps` has for the pair.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { overlap } from "ldlab/boxes/overlaps.ts";
 *
 * const boxes = new Float32Array([9, 9, 10, 10, 0, 0, 2, 2]);
 * assert.equal(overlap(boxes, 4, new Float32Array([0, 0, 4, 4]), 0, "iou"), 0.25);
 * ```
 */
export function overlap(
  a: Float32Array,
  i: number,
  b: Float32Array,
  j: number,
  measure: OverlapMeasure,
): number {
  const [x1, y1, x2, y2] = [a[i], a[i + 1], a[i + 2], a[i + 3]];
  const [u1, v1, u2, v2] = [b[j], b[j + 1], b[j + 2], b[j + 3]];
  const width = side(Math.max(x1, u1), Math.min(x2, u2));
  const height = side(Math.max(y1, v1), Math.min(y2, v2));
  const intersection = round(width * height);
  let union = round(round(x2 - x1) * round(y2 - y1));
  if (measure !== "iof" && measure !== "diof") {
    const area = round(round(u2 - u1) * round(v2 - v1));
    union = round(round(union + area) - intersection);
  }
  union = Math.max(union, smallest);
  const ratio = round(intersection / union);
  if (measure === "iou" || measure === "iof") return ratio;

  const enclosingWidth = side(Math.min(x1, u1), Math.max(x2, u2));
  const enclosingHeight = side(Math.min(y1, v1), Math.max(y2, v2));
  if (measure === "giou") {
    const enclosing = Math.max(
      round(enclosingWidth * enclosingHeight),
      smallest,
    );
    return round(ratio - round(round(enclosing - union) / enclosing));
  }
  const diagonal = Math.max(
    round(
      round(enclosingWidth * enclosingWidth) +
        round(enclosingHeight * enclosingHeight),
    ),
    smallest,
  );
  const x = round(round(u1 + u2) - round(x1 + x2));
  const y = round(round(v1 + v2) - round(y1 + y2));
  const distance = round(round(x * x) / 4 + round(y * y) / 4);
  return round(ratio - round(distance / diagonal));
}

function side(from: number, to: number): number {
  return Math.max(round(to - from), 0);
}
