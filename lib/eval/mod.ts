export { averagePrecision, type Interpolation } from "./average_precision.ts";
export { boxLogitErrorMap, type LogitErrorMap } from "./box_logit_error_map.ts";
export { type CocoFigures, type CocoMetrics, evaluateCoco } from "./coco.ts";
export {
  accumulateMatches,
  type CocoCurve,
  cocoRecalls,
} from "./coco_accumulation.ts";
export {
  averageCocoCurves,
  type CocoSelection,
  meanCocoCurve,
} from "./coco_average.ts";
export {
  type CocoArea,
  cocoAreaRanges,
  cocoAreas,
  type CocoCurves,
  cocoIouThresholds,
  cocoPrecisionRecall,
} from "./coco_curves.ts";
export type { CocoDetections, CocoGroundTruth } from "./coco_images.ts";
export {
  type CocoMatches,
  cocoOverlaps,
  type CocoPair,
  matchDetections,
} from "./coco_matching.ts";
export {
  type CocoIds,
  type CocoResult,
  readCocoResults,
  writeCocoResults,
} from "./coco_results.ts";
export {
  decodeDetections,
  type DecodeOptions,
  type ImageLogits,
  type ImagePlace,
} from "./decode_detections.ts";
export type { Detections } from "./detections.ts";
export { evaluateCocoInWorker } from "./evaluate_coco_in_worker.ts";
export { evaluateVocInWorker } from "./evaluate_voc_in_worker.ts";
export { forwardCost } from "./forward_cost.ts";
export { type ImageDecoder, openDecoder } from "./image_decoder.ts";
export { imageLogits, type SaidOfImage } from "./image_logits.ts";
export { measureSpeed, type Speed } from "./measure_speed.ts";
export { predict } from "./predict.ts";
export type { InputPlace, PredictBatch } from "./predict_batch.ts";
export {
  type LevelError,
  type TeacherStudentErrors,
  teacherStudentErrors,
} from "./teacher_student_errors.ts";
export {
  evaluateVoc,
  type VocClass,
  type VocGroundTruth,
  vocIouThresholds,
  type VocMetrics,
  type VocMetricsOptions,
  type VocTable,
} from "./voc.ts";
export {
  matchVocDetections,
  vocOutcomes,
  type VocPair,
} from "./voc_matching.ts";
