/**
 * Which locations a loss sees, and with what weight. Regions of labels follow
 * from anchors and ground truth, on the host, before a step: `labelRegion` for
 * any of them as data, or each by its own function. Regions of predictions follow
 * from what student and teacher say, as tensors, inside a step: `giRegion`. All
 * are one weight a location, so that any loss goes with any region.
 *
 * @module
 */
export { assignBoxes, type Assignment } from "./assignment.ts";
export { assignAtss, atssPositives } from "./atss.ts";
export { type AtssCandidates, atssCandidates } from "./atss_candidates.ts";
export { backgroundRegion } from "./background.ts";
export { assignFcos } from "./fcos.ts";
export { fcosVlrRegion } from "./fcos_vlr.ts";
export { fgdBackground, fgdForeground } from "./fgd_weights.ts";
export {
  FINE_GRAINED_DEFAULTS,
  type FineGrainedOptions,
  fineGrainedRegion,
} from "./fine_grained.ts";
export { requireFit } from "./fit_guard.ts";
export { type GiPrediction, giRegion } from "./gi.ts";
export { GI_DEFAULTS, type GiOptions } from "./gi_options.ts";
export type { GroundTruth } from "./ground_truth.ts";
export { GT_BOX_DEFAULTS, gtBoxRegion, type GtBoxRule } from "./gt_box.ts";
export { ignoredAnchors } from "./ignored_anchors.ts";
export { levelOfBox } from "./level_of_box.ts";
export { mainRegion } from "./main_region.ts";
export { assignMaxIou, type MaxIouOptions } from "./max_iou.ts";
export {
  type LabelRegion,
  labelRegion,
  type LabelRegionInput,
  type PredictionRegion,
  type Region,
  regionKey,
  regionNeeds,
  regionOptions,
} from "./region.ts";
export { retinaVlrRegion } from "./retina_vlr.ts";
export { assignTargets, GFL_TARGETS, type TargetRule } from "./target_rule.ts";
export { VLR_DEFAULTS, type VlrOptions, vlrRegion } from "./vlr.ts";
