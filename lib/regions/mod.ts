export { assignBoxes, type Assignment } from "./assignment.ts";
export { assignAtss, atssPositives } from "./atss.ts";
export { type AtssCandidates, atssCandidates } from "./atss_candidates.ts";
export type { GroundTruth } from "./ground_truth.ts";
export { mainRegion } from "./main_region.ts";
export {
  type LabelRegion,
  labelRegion,
  type LabelRegionInput,
  type PredictionRegion,
  type Region,
  regionKey,
  regionNeeds,
} from "./region.ts";
export { VLR_DEFAULTS, type VlrOptions, vlrRegion } from "./vlr.ts";
