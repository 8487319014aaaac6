import { fallingOrder } from "./falling_order.ts";
import { forEachMeeting } from "./meeting_boxes.ts";
import { boxAreas, centerPenalty, pairIou } from "./pair_overlap.ts";
import {
  requireLimit,
  requireOneOf,
  requirePositive,
  requireScoredBoxes,
  requireThreshold,
} from "./scored_boxes.ts";
import { takeBoxes } from "./take_boxes.ts";

const round = Math.fround;

/** What {@linkcode clusterNms} may be told. */
export interface ClusterNmsOptions {
  /** In [0, 1]; an overlap equal to it does not suppress. */
  iouThreshold: number;
  /** `iou` (default), or `diou`: IoU less the centres' distance. */
  measure?: "iou" | "diou";
  /** Exponent of the distance in `diou`, positive; 0.9 by default. */
  beta?: number;
  /**
   * Rounds, 1 or more; until nothing changes by default, which is what NMS
   * keeps. One is Fast NMS.
   */
  iterations?: number;
  /** `[N]`: only boxes of one class meet; class-agnostic without them. */
  labels?: Int32Array;
  /** Keep at most so many of all classes together. */
  limit?: number;
}

/**
 * Cluster-NMS: lets all boxes suppress at once, again and again until nothing
 * changes.
 *
 * Use it for Fast NMS (one round: a suppressed box still suppresses), for
 * Cluster-NMS (to the fixed point, where it keeps what NMS keeps) and for
 * Cluster-DIoU-NMS (the same with `measure: "diou"`), alone or before
 * `scorePenalty` and `scoreVoting`. With boxes by falling score (ties by the
 * lower index), overlaps X, P of `centerPenalty`, and k all ones at first, a round is
 *
 *     k_j <- 1 if X_ij k_i <= threshold for all i < j, else 0
 *     X_ij = IoU_ij    or, of DIoU,    X_ij = IoU_ij - P_ij^beta
 *
 * Arithmetic is float32. Only pairs above the threshold are held in memory.
 * Classes are kept apart exactly, by the labels, not by moving boxes: neither
 * negative nor large coordinates let them meet.
 *
 * @param boxes `[N, 4]`: x1, y1, x2, y2, finite, any unit.
 * @param scores `[N]`.
 * @param options Threshold, measure, rounds, labels and limit.
 * @returns Indices of the kept boxes, highest score first.
 * @throws {TypeError} If there are not 4 coordinates and 1 label for each score.
 * @throws {RangeError} If the threshold is outside [0, 1], beta not positive,
 * there is less than one round, the limit negative, the measure unknown, a
 * coordinate not finite or a score NaN.
 * @see Cluster-NMS, https://arxiv.org/abs/2005.03572; Zzh-tju/CIoU
 * `Detect.fast_nms`, `cluster_nms` and `cluster_diounms`, per class and (`cc_`)
 * over all, which stop after 200 rounds, look at the 200 best boxes a class and
 * per class drop scores up to 0.01. DIoU-NMS as published has a beta of 1; the
 * CIoU repository 0.9, the LD repository 0.8. There, of two equal boxes without
 * area one falls to 0 / 0; here both are kept, as NMS does.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { clusterNms } from "ldlab/boxes/cluster_nms.ts";
 *
 * // The first suppresses the second, which would have suppressed the third.
 * const boxes = new Float32Array([0, 0, 9, 9, 2, 0, 11, 9, 4, 0, 13, 9]);
 * const scores = new Float32Array([0.9, 0.8, 0.7]);
 * const iouThreshold = 0.5;
 * assert.deepEqual([...clusterNms(boxes, scores, { iouThreshold })], [0, 2]);
 * const fast = clusterNms(boxes, scores, { iouThreshold, iterations: 1 });
 * assert.deepEqual([...fast], [0]);
 * ```
 */
export function clusterNms(
  boxes: Float32Array,
  scores: Float32Array,
  {
    iouThreshold,
    measure = "iou",
    beta = 0.9,
    iterations = Infinity,
    labels,
    limit = Infinity,
  }: ClusterNmsOptions,
): Int32Array {
  requireScoredBoxes(boxes, scores, labels);
  requireThreshold("IoU threshold", iouThreshold);
  requirePositive("beta", beta);
  requireLimit(limit);
  if (!(iterations >= 1)) {
    throw new RangeError(
      "Cannot suppress boxes: iterations must be at least 1: current value is " +
        iterations,
    );
  }
  requireOneOf("measure", measure, ["iou", "diou"]);
  const order = fallingOrder(scores);
  const pairs = pairsAbove(
    takeBoxes(boxes, order),
    labels && Int32Array.from(order, (index) => labels[index]),
    round(iouThreshold),
    measure === "diou" ? beta : undefined,
  );
  let keeps = new Uint8Array(order.length).fill(1);
  for (let done = 0, changed = true; changed && done < iterations; done++) {
    const next = new Uint8Array(order.length).fill(1);
    for (let pair = 0; pair < pairs.length; pair += 2) {
      if (keeps[pairs[pair]]) next[pairs[pair + 1]] = 0;
    }
    changed = next.some((keep, rank) => keep !== keeps[rank]);
    keeps = next;
  }
  return Int32Array.from(order.filter((_, rank) => keeps[rank]))
    .slice(0, limit);
}

/** Indices, two by two, of boxes that overlap by more than a threshold, lower first. */
function pairsAbove(
  boxes: Float32Array,
  labels: Int32Array | undefined,
  threshold: number,
  beta: number | undefined,
): Uint32Array {
  const areas = boxAreas(boxes);
  let pairs = new Uint32Array(2 * areas.length);
  let length = 0;
  forEachMeeting(boxes, labels, (better, worse) => {
    const iou = pairIou(boxes, areas, better, worse);
    if (!(iou > threshold)) return; // nor is the DIoU, never above it
    if (beta !== undefined) {
      const penalty = round(centerPenalty(boxes, better, worse) ** beta);
      if (!(round(iou - penalty) > threshold)) return;
    }
    if (length === pairs.length) {
      const grown = new Uint32Array(2 * length);
      grown.set(pairs);
      pairs = grown;
    }
    pairs[length++] = better;
    pairs[length++] = worse;
  });
  return pairs.subarray(0, length);
}
