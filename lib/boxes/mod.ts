/**
 * Geometry of boxes, in two worlds: on typed arrays on the host (anchors,
 * overlaps, NMS) and on tensors inside a step (the rest). Twins, one in each:
 * `pairwiseOverlaps` for all pairs, and `alignedIou`, `alignedGiou` and
 * `alignedDiou` for pairs in order, with gradients.
 *
 * @module
 */
export {
  type AnchorLevel,
  type Anchors,
  makeAnchors,
  validAnchors,
} from "./anchors.ts";
export {
  boxToDistances,
  type BoxToDistancesOptions,
  distancesToBox,
} from "./box_coding.ts";
export {
  boxToCenterSize,
  centerSizeToBox,
  centerSizeToSides,
  sidesToCenterSize,
} from "./center_size.ts";
export { clipBoxes, type ImageSize } from "./clip_boxes.ts";
export { clusterNms, type ClusterNmsOptions } from "./cluster_nms.ts";
export {
  boxToDeltas,
  type BoxToDeltasOptions,
  deltasToBox,
  type DeltasToBoxOptions,
  type Deviations,
} from "./delta_coding.ts";
export {
  generalizedSoftmax,
  type GeneralizedSoftmaxOptions,
  integral,
} from "./distribution.ts";
export {
  distributionToEdge,
  edgeToDistribution,
  type EdgeToDistributionOptions,
} from "./edge_coding.ts";
export { edgeEntropy, edgeSharpness } from "./edge_entropy.ts";
export { alignedDiou, alignedGiou, alignedIou } from "./iou.ts";
export { multiclassNms, nms } from "./nms.ts";
export { type OverlapMeasure, pairwiseOverlaps } from "./overlaps.ts";
export { scorePenalty, type ScorePenaltyOptions } from "./score_penalty.ts";
export { scoreVoting, type ScoreVotingOptions } from "./score_voting.ts";
export { softNms, type SoftNmsOptions } from "./soft_nms.ts";
export { type ScoredBoxes, suppress, type Suppression } from "./suppress.ts";
export type { Support } from "./support.ts";
export {
  type CenterSizeDistributions,
  switchToCenterSize,
  switchToSides,
} from "./switch_distributions.ts";
