export {
  type AnchorLevel,
  type Anchors,
  makeAnchors,
  validAnchors,
} from "./anchors.ts";
export { multiclassNms, nms } from "./nms.ts";
export { type OverlapMeasure, pairwiseOverlaps } from "./overlaps.ts";
