import { fallingOrder } from "./falling_order.ts";
import { forEachMeeting } from "./meeting_boxes.ts";
import { boxAreas, centerPenalty, pairIou } from "./pair_overlap.ts";
import {
  requireOneOf,
  requirePositive,
  requireScoredBoxes,
  requireThreshold,
} from "./scored_boxes.ts";
import { takeBoxes } from "./take_boxes.ts";

const round = Math.fround;

/** What {@linkcode scoreVoting} may be told; the defaults are the LD repository's. */
export interface ScoreVotingOptions {
  /** How near a voter is: `diou` (default) or `iou`. */
  measure?: "iou" | "diou";
  /** Exponent of the centres' distance in `diou`, positive; 0.8 by default. */
  beta?: number;
  /** In [0, 1]: boxes vote whose overlap is above it; 0.7 by default. */
  voteThreshold?: number;
  /**
   * A vote's weight: `gaussian` (default), or `overlap`, which also silences
   * all boxes up to the threshold.
   */
  weight?: "gaussian" | "overlap";
  /** Of `gaussian`: how fast weights fall with the overlap; 0.025 by default. */
  sigma?: number;
  /** `[N]`: what each vote is worth, 0 or more; the scores by default. */
  votes?: Float32Array;
  /** `[N]`: only boxes of one class meet; class-agnostic without them. */
  labels?: Int32Array;
}

/**
 * Score voting: moves kept boxes to the weighted mean of the boxes they stand for.
 *
 * Use it after `clusterNms`; scores stay as they are. With boxes by falling score
 * (ties by the lower index), the overlap X = IoU - P^beta (or IoU), the voters
 * j >= i of the kept box i with X_ij > voteThreshold and i itself, and v the votes,
 *
 *     box_i <- sum_j w_ij v_j box_j / sum_j w_ij v_j
 *     w_ij = exp(-(1 - X_ij)² / sigma)   of voters      gaussian
 *     w_ij = exp(-1 / sigma)             of all others
 *     w_ij = X_ij of voters, 1 of i itself, 0 of all others   overlap
 *
 * "All others" are as released: every other box of the image, of whatever class
 * and score. Their e^-40 cannot be seen; with a sigma of 0.2 it can. Overlaps
 * are float32, sums float64. A box always votes for itself, also one without
 * area, and where all votes are 0 it stays.
 *
 * Classes are kept apart by the labels. The released code moves them apart by
 * 4000 pixels a class: it mixes them in larger images, and rounds overlaps of
 * high classes (0.03 pixels at label 79).
 *
 * @param boxes `[N, 4]`: x1, y1, x2, y2, finite, any unit.
 * @param scores `[N]`: they say who may vote: only boxes after the kept one.
 * @param kept `[K]`: indices of the boxes to move, each once.
 * @param options Measure, threshold, weight, votes and labels.
 * @returns `[K, 4]`: the kept boxes, moved.
 * @throws {TypeError} If there are not 4 coordinates, 1 label and 1 vote for each
 * score.
 * @throws {RangeError} If the threshold is outside [0, 1], beta or sigma not
 * positive, the measure or weight unknown, a coordinate not finite, a score or
 * vote NaN, or if `kept` has an index twice or one of no box.
 * @see HikariTJU/LD `bbox_nms.py`, `voting_cluster_diounms`. Zzh-tju/CIoU's
 * `cc_cluster_SPM_dist_weighted_nms` is `overlap` of `iou` with a threshold of
 * 0.8 and the lowered scores as votes; its per-class form moves all boxes whose
 * lowered score is above 0.01, and its votes are one.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { scoreVoting } from "ldlab/boxes/score_voting.ts";
 *
 * const boxes = new Float32Array([0, 0, 4, 4, 0, 0, 4, 5, 50, 50, 60, 60]);
 * const scores = new Float32Array([0.6, 0.3, 0.9]);
 * // IoU 0.8, ρ² = 0.25, c² = 41: the first two boxes vote.
 * const [, , , y2] = scoreVoting(boxes, scores, new Int32Array([0]));
 * const weight = Math.exp(-((0.2 + (0.25 / 41) ** 0.8) ** 2) / 0.025) * 0.3;
 * assert.ok(Math.abs(y2 - (0.6 * 4 + weight * 5) / (0.6 + weight)) < 1e-5);
 * ```
 */
export function scoreVoting(
  boxes: Float32Array,
  scores: Float32Array,
  kept: Int32Array,
  {
    measure = "diou",
    beta = 0.8,
    voteThreshold = 0.7,
    weight = "gaussian",
    sigma = 0.025,
    votes = scores,
    labels,
  }: ScoreVotingOptions = {},
): Float32Array {
  requireScoredBoxes(boxes, scores, labels);
  requireScoredBoxes(boxes, votes);
  requireThreshold("vote threshold", voteThreshold);
  requirePositive("beta", beta);
  requirePositive("sigma", sigma);
  requireOneOf("measure", measure, ["iou", "diou"]);
  requireOneOf("weight", weight, ["gaussian", "overlap"]);
  const order = fallingOrder(scores);
  const ranked = takeBoxes(boxes, order);
  const areas = boxAreas(ranked);
  const rowOf = new Map(Array.from(kept, (index, row) => [index, row]));
  if (rowOf.size < kept.length || kept.some((index) => !(index in scores))) {
    throw new RangeError(
      "Cannot move boxes: kept must have indices of boxes, each once: current " +
        `value is [${kept}] of ${scores.length} boxes`,
    );
  }
  const rows = Int32Array.from(order, (index) => rowOf.get(index) ?? -1);
  const rankedVotes = Float32Array.from(order, (index) => votes[index]);
  const rankedLabels = labels &&
    Int32Array.from(order, (index) => labels[index]);
  const threshold = round(voteThreshold);
  // Sums of votes times coordinates, and of votes: of all boxes, and for each kept
  // box those of its voters, with and without their weights.
  const all = new Float64Array(5);
  const voters = new Float64Array(kept.length * 5);
  for (let rank = 0; rank < order.length; rank++) {
    add(all, 0, rankedVotes[rank], ranked, rank);
    if (rows[rank] >= 0) {
      add(voters, rows[rank], rankedVotes[rank], ranked, rank);
    }
  }
  const voted = voters.slice();
  forEachMeeting(ranked, rankedLabels, (better, worse) => {
    const row = rows[better];
    if (row < 0) return;
    let overlap = pairIou(ranked, areas, better, worse);
    if (!(overlap > threshold)) return; // nor is the DIoU, never above it
    if (measure === "diou") {
      const penalty = round(centerPenalty(ranked, better, worse) ** beta);
      overlap = round(overlap - penalty);
      if (!(overlap > threshold)) return;
    }
    const share = weight === "overlap"
      ? overlap
      : Math.exp(-((1 - overlap) ** 2) / sigma);
    add(voters, row, rankedVotes[worse], ranked, worse);
    add(voted, row, share * rankedVotes[worse], ranked, worse);
  });
  const others = weight === "gaussian" ? Math.exp(-1 / sigma) : 0;
  const moved = new Float32Array(kept.length * 4);
  for (let row = 0; row < kept.length; row++) {
    const sum = (i: number) =>
      voted[row * 5 + i] + others * (all[i] - voters[row * 5 + i]);
    for (let side = 0; side < 4; side++) {
      moved[row * 4 + side] = sum(4) > 0
        ? sum(side) / sum(4)
        : boxes[kept[row] * 4 + side];
    }
  }
  return moved;
}

/** Adds a box times its weight, and the weight, to a row of sums. */
function add(
  sums: Float64Array,
  row: number,
  weight: number,
  boxes: Float32Array,
  index: number,
): void {
  for (let side = 0; side < 4; side++) {
    sums[row * 5 + side] += weight * boxes[index * 4 + side];
  }
  sums[row * 5 + 4] += weight;
}
