import { classesApart } from "./classes_apart.ts";
import { boxAreas, pairIou } from "./pair_overlap.ts";
import {
  requireLimit,
  requireOneOf,
  requirePositive,
  requireScoredBoxes,
  requireThreshold,
} from "./scored_boxes.ts";

const round = Math.fround;

/** What {@linkcode softNms} may be told; the defaults are MMCV's. */
export interface SoftNmsOptions {
  /** How scores decay: `linear` (default), `gaussian` or `naive`. */
  method?: "linear" | "gaussian" | "naive";
  /** In [0, 1]: boxes decay from it on, but for `gaussian`; 0.3 by default. */
  iouThreshold?: number;
  /** Of `gaussian`: how slowly scores decay, positive; 0.5 by default. */
  sigma?: number;
  /** Boxes whose score falls below it are dropped; 0.001 by default. */
  minScore?: number;
  /** `[N]`: only boxes of one class meet; class-agnostic without them. */
  labels?: Int32Array;
  /** Keep at most so many of all classes together. */
  limit?: number;
}

/**
 * Soft-NMS: lowers the scores of boxes that overlap better ones, in place of
 * dropping them.
 *
 * Use it where objects overlap. The best of the boxes left is taken, and each box
 * that is still left decays by its IoU o with it,
 *
 *     linear:    s <- s (1 - o)            where o >= threshold
 *     gaussian:  s <- s exp(-o² / sigma)
 *     naive:     s <- 0                    where o >= threshold
 *
 * until none is left. Arithmetic is float32, operation by operation as in the
 * reference, boxes with equal scores included: they come in the order that its
 * swaps leave. Labels move classes apart with `classesApart`, as it does.
 *
 * @param boxes `[N, 4]`: x1, y1, x2, y2, finite, any unit. Where x2 and y2 are the last
 * pixels inside (MMCV's `offset` of 1), add 1 to both first.
 * @param scores `[N]`.
 * @param options Method, thresholds, labels and limit.
 * @returns `kept`, indices by falling new score, and `scores`, those new scores.
 * The best box is kept whatever its score.
 * @throws {TypeError} If there are not 4 coordinates and 1 label for each score.
 * @throws {RangeError} If the threshold is outside [0, 1], sigma not positive, the
 * limit negative, the method unknown, a coordinate not finite or a score NaN.
 * @see Soft-NMS, https://arxiv.org/abs/1704.04503; MMCV
 * 2.1.0 `ops.soft_nms`, which for two equal boxes without area (0 / 0) makes the
 * gaussian score NaN; here they do not overlap.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { softNms } from "ldlab/boxes/soft_nms.ts";
 *
 * const boxes = new Float32Array([0, 0, 4, 4, 0, 0, 4, 2, 9, 9, 10, 10]);
 * const { kept, scores } = softNms(boxes, new Float32Array([1, 0.5, 0.375]));
 * assert.deepEqual([...kept], [0, 2, 1]);
 * assert.deepEqual([...scores], [1, 0.375, 0.25]); // IoU 0.5: half of 0.5 is left
 * ```
 */
export function softNms(
  boxes: Float32Array,
  scores: Float32Array,
  {
    method = "linear",
    iouThreshold = 0.3,
    sigma = 0.5,
    minScore = 1e-3,
    labels,
    limit = Infinity,
  }: SoftNmsOptions = {},
): { kept: Int32Array; scores: Float32Array } {
  requireScoredBoxes(boxes, scores, labels);
  requireThreshold("IoU threshold", iouThreshold);
  requirePositive("sigma", sigma);
  requireLimit(limit);
  requireOneOf("method", method, ["linear", "gaussian", "naive"]);
  const apart = labels ? classesApart(boxes, labels) : boxes;
  const areas = boxAreas(apart);
  const threshold = round(iouThreshold);
  const spread = round(sigma);
  const smallest = round(minScore);
  const decay = (overlap: number) => {
    if (method === "gaussian") {
      return round(Math.exp(-round(round(overlap * overlap) / spread)));
    }
    if (overlap < threshold) return 1;
    return method === "linear" ? round(1 - overlap) : 0;
  };
  // The taken boxes, then those left, in the order that the swaps leave.
  const indices = Int32Array.from(scores.keys());
  const decayed = scores.slice();
  let count = scores.length;
  let taken = 0;
  for (; taken < Math.min(count, limit); taken++) {
    let best = taken;
    for (let place = taken + 1; place < count; place++) {
      if (decayed[place] > decayed[best]) best = place;
    }
    [indices[taken], indices[best]] = [indices[best], indices[taken]];
    [decayed[taken], decayed[best]] = [decayed[best], decayed[taken]];
    for (let place = taken + 1; place < count;) {
      decayed[place] *= decay(
        pairIou(apart, areas, indices[taken], indices[place]),
      );
      if (decayed[place] < smallest) {
        count--;
        indices[place] = indices[count];
        decayed[place] = decayed[count];
      } else {
        place++;
      }
    }
  }
  return { kept: indices.slice(0, taken), scores: decayed.slice(0, taken) };
}
