import { clusterNms, type ClusterNmsOptions } from "./cluster_nms.ts";
import { fallingOrder } from "./falling_order.ts";
import { multiclassNms, nms } from "./nms.ts";
import { scorePenalty, type ScorePenaltyOptions } from "./score_penalty.ts";
import { scoreVoting, type ScoreVotingOptions } from "./score_voting.ts";
import { requireLimit, requireScoredBoxes } from "./scored_boxes.ts";
import { softNms, type SoftNmsOptions } from "./soft_nms.ts";
import { takeBoxes } from "./take_boxes.ts";

/** Boxes with their scores and classes. */
export interface ScoredBoxes {
  /** `[N, 4]`: x1, y1, x2, y2, any unit. */
  readonly boxes: Float32Array;
  /** `[N]`. */
  readonly scores: Float32Array;
  /** `[N]`: class of each box, 0 or more. */
  readonly labels: Int32Array;
}

/**
 * How boxes are suppressed, as plain data; each option is that of the function
 * named.
 * - `nms`: `nms`, per class `multiclassNms`.
 * - `softNms`: `softNms`, with lowered scores.
 * - `clusterNms`: `clusterNms`: Fast NMS, Cluster-NMS and Cluster-DIoU-NMS.
 * - `scorePenaltyNms`: `clusterNms`, then `scorePenalty`, and boxes dropped whose
 *   score is not above `minScore` (0.01 by default). With `mergeAbove` (released:
 *   0.8) the boxes that Cluster-NMS keeps are moved to the mean, weighted by IoU
 *   and lowered score, of themselves and those that overlap by more than it.
 * - `votingClusterDiouNms`: Cluster-DIoU-NMS, then `scoreVoting`, with one `beta`
 *   (0.8 by default) for both.
 *
 * With `classAgnostic` boxes of different classes suppress each other.
 */
export type Suppression =
  & { readonly classAgnostic?: boolean }
  & Readonly<
    | { kind: "nms" }
    | { kind: "softNms" }
      & Pick<SoftNmsOptions, "method" | "sigma" | "minScore">
    | { kind: "clusterNms" }
      & Pick<
        ClusterNmsOptions,
        "measure" | "beta" | "iterations"
      >
    | { kind: "scorePenaltyNms"; minScore?: number; mergeAbove?: number }
      & Pick<
        ScorePenaltyOptions,
        "sigma" | "distanceExponent"
      >
    | { kind: "votingClusterDiouNms" }
      & Pick<
        ScoreVotingOptions,
        "beta" | "voteThreshold" | "sigma"
      >
  >;

/**
 * Suppresses boxes in the way that plain data names.
 *
 * Use it where the way is a setting, as in `decodeDetections`; the functions it
 * calls say what each way does.
 *
 * @param candidates Boxes `[N, 4]`, scores `[N]` and labels `[N]`.
 * @param options.iouThreshold In [0, 1]; 0.6 by default. `gaussian` soft-NMS has
 * no use for it.
 * @param options.limit Keep at most so many of all classes together.
 * @param options.suppression The way; `{ kind: "nms" }`, per class, by default.
 * @returns The kept boxes with their new scores, highest first, ties by the lower
 * index; `kept` holds their indices among the candidates.
 * @throws {TypeError} If there are not 4 coordinates and 1 label for each score.
 * @throws {RangeError} If an option is outside its range, the kind unknown, a
 * coordinate not finite or a score NaN.
 * @see The functions called. `votingClusterDiouNms` is the LD repository's
 * `voting_cluster_diounms`, at 0.6; `scorePenaltyNms` with `distanceExponent` 0.6
 * and `mergeAbove` 0.8 the CIoU repository's `cc_cluster_SPM_dist_weighted_nms`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { suppress } from "ldlab/boxes/suppress.ts";
 *
 * const candidates = {
 *   boxes: new Float32Array([0, 0, 4, 4, 0, 0, 4, 3, 0, 0, 4, 4]),
 *   scores: new Float32Array([0.9, 0.8, 0.7]),
 *   labels: new Int32Array([0, 0, 1]),
 * };
 * const suppression = { kind: "softNms", method: "linear" } as const;
 * assert.deepEqual([...suppress(candidates).kept], [0, 2]);
 * const { kept, scores } = suppress(candidates, { suppression });
 * assert.deepEqual([...kept], [0, 2, 1]);
 * assert.ok(Math.abs(scores[2] - 0.8 * 0.25) < 1e-6); // IoU 0.75
 * ```
 */
export function suppress(
  candidates: ScoredBoxes,
  { iouThreshold = 0.6, limit = Infinity, suppression = { kind: "nms" } }: {
    iouThreshold?: number;
    limit?: number;
    suppression?: Suppression;
  } = {},
): ScoredBoxes & { readonly kept: Int32Array } {
  const { boxes, scores } = candidates;
  requireScoredBoxes(boxes, scores, candidates.labels);
  const labels = suppression.classAgnostic ? undefined : candidates.labels;
  const common = { iouThreshold, limit, labels };
  switch (suppression.kind) {
    case "nms":
      return rows(
        candidates,
        labels
          ? multiclassNms({ boxes, scores, labels, iouThreshold, limit })
          : nms(boxes, scores, iouThreshold, limit),
      );
    case "softNms": {
      const { method, sigma, minScore } = suppression;
      const soft = softNms(boxes, scores, {
        method,
        sigma,
        minScore,
        ...common,
      });
      return { ...rows(candidates, soft.kept), scores: soft.scores };
    }
    case "clusterNms": {
      const { measure, beta, iterations } = suppression;
      return rows(
        candidates,
        clusterNms(boxes, scores, { measure, beta, iterations, ...common }),
      );
    }
    case "scorePenaltyNms": {
      const { sigma, distanceExponent, minScore = 0.01, mergeAbove } =
        suppression;
      requireLimit(limit);
      const best = clusterNms(boxes, scores, { iouThreshold, labels });
      const lowered = scorePenalty(boxes, scores, best, {
        sigma,
        distanceExponent,
        labels,
      });
      const moved = boxes.slice();
      if (mergeAbove !== undefined) {
        const merged = scoreVoting(boxes, scores, best, {
          measure: "iou",
          voteThreshold: mergeAbove,
          weight: "overlap",
          votes: lowered,
          labels,
        });
        for (const [row, index] of best.entries()) {
          moved.set(merged.subarray(row * 4, row * 4 + 4), index * 4);
        }
      }
      const kept = Int32Array.from(fallingOrder(lowered))
        .filter((index) => lowered[index] > Math.fround(minScore))
        .slice(0, limit);
      return rows({ ...candidates, boxes: moved, scores: lowered }, kept);
    }
    case "votingClusterDiouNms": {
      const { beta = 0.8, voteThreshold, sigma } = suppression;
      const kept = clusterNms(boxes, scores, {
        measure: "diou",
        beta,
        ...common,
      });
      const moved = scoreVoting(boxes, scores, kept, {
        beta,
        voteThreshold,
        sigma,
        labels,
      });
      return { ...rows(candidates, kept), boxes: moved };
    }
    default:
      throw new RangeError(
        "Cannot suppress boxes: kind must be nms, softNms, clusterNms, " +
          "scorePenaltyNms or votingClusterDiouNms: current value is " +
          `"${(suppression as { kind: unknown }).kind}"`,
      );
  }
}

/** The candidates with the given indices. */
function rows(
  { boxes, scores, labels }: ScoredBoxes,
  kept: Int32Array,
): ScoredBoxes & { readonly kept: Int32Array } {
  return {
    kept,
    boxes: takeBoxes(boxes, kept),
    scores: Float32Array.from(kept, (index) => scores[index]),
    labels: kept.map((index) => labels[index]),
  };
}
