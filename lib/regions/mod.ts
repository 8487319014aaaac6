export { assignAtss, type Assignment, atssPositives } from "./atss.ts";
export { type AtssCandidates, atssCandidates } from "./atss_candidates.ts";
export type { GroundTruth } from "./ground_truth.ts";
export { mainRegion } from "./main_region.ts";
export { type VlrOptions, vlrRegion } from "./vlr.ts";
