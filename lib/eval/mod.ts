export {
  type CocoDetections,
  type CocoFigures,
  type CocoGroundTruth,
  cocoIouThresholds,
  type CocoMetrics,
  evaluateCoco,
} from "./coco.ts";
export { accumulateMatches, type CocoCurve } from "./coco_accumulation.ts";
export {
  type CocoMatches,
  cocoOverlaps,
  type CocoPair,
  matchDetections,
} from "./coco_matching.ts";
export { decodeDetections } from "./decode_detections.ts";
export type { Detections } from "./detections.ts";
export { evaluateCocoInWorker } from "./evaluate_coco_in_worker.ts";
export * from "./predict.ts";
