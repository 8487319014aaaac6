import { fallingOrder } from "./falling_order.ts";
import { forEachMeeting } from "./meeting_boxes.ts";
import { boxAreas, centerPenalty, pairIou } from "./pair_overlap.ts";
import { requirePositive, requireScoredBoxes } from "./scored_boxes.ts";
import { takeBoxes } from "./take_boxes.ts";

/** What {@linkcode scorePenalty} may be told. */
export interface ScorePenaltyOptions {
  /** How slowly the penalty grows with the overlap, positive; 0.2 by default. */
  sigma?: number;
  /**
   * Boxes far from a better one are penalised less: the exponent of their
   * distance, positive. SPM-dist's is 0.6; without it the distance has no say.
   */
  distanceExponent?: number;
  /** `[N]`: only boxes of one class meet; class-agnostic without them. */
  labels?: Int32Array;
}

/**
 * The score penalty mechanism (SPM): lowers scores of boxes that overlap better
 * ones, in place of dropping them.
 *
 * Use it after `clusterNms` (IoU, to the fixed point), whose kept boxes are the
 * ones that lower the others; then drop scores up to 0.01. Unlike soft-NMS, the
 * order of boxes stays that of the scores as they came. With kept boxes i before
 * j by falling score (ties by the lower index) and P of `centerPenalty`,
 *
 *     s_j <- s_j prod_i exp(-IoU_ij² / sigma)                      SPM
 *     s_j <- s_j prod_i min(exp(-IoU_ij² / sigma) + P_ij^e, 1)     SPM-dist
 *
 * the products over boxes that overlap j at all.
 *
 * @param boxes `[N, 4]`: x1, y1, x2, y2, finite, any unit.
 * @param scores `[N]`, 0 or more.
 * @param kept `[K]`: indices of the boxes that lower others, in any order.
 * @param options Sigma, the distance's exponent and labels.
 * @returns `[N]`: scores, none above what it was.
 * @throws {TypeError} If there are not 4 coordinates and 1 label for each score.
 * @throws {RangeError} If sigma or the exponent is not positive, a coordinate not
 * finite or a score NaN.
 * @see Cluster-NMS, https://arxiv.org/abs/2005.03572; Zzh-tju/CIoU
 * `Detect.cluster_SPM_nms` and `cluster_SPM_dist_nms` (exponent 0.6), per class
 * and (`cc_`) over all.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { clusterNms } from "ldlab/boxes/cluster_nms.ts";
 * import { scorePenalty } from "ldlab/boxes/score_penalty.ts";
 *
 * const boxes = new Float32Array([0, 0, 4, 4, 0, 0, 4, 2]); // IoU 0.5
 * const scores = new Float32Array([0.9, 0.8]);
 * const kept = clusterNms(boxes, scores, { iouThreshold: 0.4 });
 * const [first, second] = scorePenalty(boxes, scores, kept);
 * assert.equal(first, scores[0]);
 * assert.ok(Math.abs(second - 0.8 * Math.exp(-0.25 / 0.2)) < 1e-6);
 * ```
 */
export function scorePenalty(
  boxes: Float32Array,
  scores: Float32Array,
  kept: Int32Array,
  { sigma = 0.2, distanceExponent, labels }: ScorePenaltyOptions = {},
): Float32Array {
  requireScoredBoxes(boxes, scores, labels);
  requirePositive("sigma", sigma);
  if (distanceExponent !== undefined) {
    requirePositive("distance exponent", distanceExponent);
  }
  const order = fallingOrder(scores);
  const ranked = takeBoxes(boxes, order);
  const areas = boxAreas(ranked);
  const lowers = new Set(kept);
  const lowersOthers = Uint8Array.from(order, (index) => +lowers.has(index));
  const factors = new Float64Array(order.length).fill(1);
  const rankedLabels = labels &&
    Int32Array.from(order, (index) => labels[index]);
  forEachMeeting(ranked, rankedLabels, (better, worse) => {
    if (!lowersOthers[better]) return;
    const iou = pairIou(ranked, areas, better, worse);
    if (!(iou > 0)) return;
    const penalty = Math.exp(-iou * iou / sigma);
    factors[worse] *= distanceExponent === undefined ? penalty : Math.min(
      penalty + centerPenalty(ranked, better, worse) ** distanceExponent,
      1,
    );
  });
  const lowered = new Float32Array(order.length);
  order.forEach((index, rank) => {
    lowered[index] = scores[index] * factors[rank];
  });
  return lowered;
}
