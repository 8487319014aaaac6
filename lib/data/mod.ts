export type { Augmentation } from "./augmentation.ts";
export type { BatchStream, StreamStatistics } from "./batch_stream.ts";
export { batchesBySize, type SizedBatch } from "./batches_by_size.ts";
export { type CocoDataset, type CocoOptions, readCoco } from "./coco.ts";
export type { CocoCategory } from "./coco_records.ts";
export { concatenateDatasets } from "./concatenate.ts";
export type {
  Dataset,
  DatasetWarning,
  ImageRecord,
  ImageWindow,
} from "./dataset.ts";
export {
  DOTA_CLASSES,
  type DotaDataset,
  type DotaOptions,
  readDota,
} from "./dota.ts";
export type { DotaRecord } from "./dota_record.ts";
export { epochOrder } from "./epoch_order.ts";
export {
  createEvaluationBatches,
  type EvaluationBatch,
  type EvaluationBatches,
  type EvaluationBatchOptions,
} from "./evaluation_batches.ts";
export { createEvaluationLoader } from "./evaluation_loader.ts";
export { type Flip, flipBoxes, FLIPS } from "./flip.ts";
export type { RgbImage } from "./image.ts";
export { readImageSize } from "./image_size.ts";
export {
  checkInput,
  type InputConfig,
  type InputPhase,
  inputSizes,
  type KeepRatioInput,
  type StretchInput,
} from "./input.ts";
export {
  drawJitter,
  type JitterRange,
  type LabeledBoxes,
  placeBoxes,
  type Placement,
  TEACHER_JITTER,
} from "./jitter.ts";
export { decodeJpeg } from "./jpeg.ts";
export {
  keepRatioInside,
  keepRatioSize,
  resizeBoxes,
  type ResizedSize,
  restoreBoxes,
  type Scale,
} from "./keep_ratio.ts";
export type { KeptImages } from "./kept_images.ts";
export { loadImage } from "./load_image.ts";
export { createLoader, type Loader, type LoaderOptions } from "./loader.ts";
export {
  drawScale,
  MULTI_SCALE_480_800,
  MULTI_SCALE_480_960,
  type MultiScale,
  scaleVaries,
  SINGLE_SCALE,
} from "./multi_scale.ts";
export { DEVIATION, MEAN, writeNetworkInput } from "./network_input.ts";
export {
  CAFFE_BGR,
  IMAGENET_RGB,
  type Normalisation,
  paddedSize,
  writePaddedInput,
} from "./padded_input.ts";
export { decodePng } from "./png.ts";
export { areaInside, polygonArea, type Rectangle } from "./polygon_area.ts";
export { repeatDataset } from "./repeat.ts";
export { resizeArea } from "./resize_area.ts";
export {
  type BilinearTaps,
  bilinearTaps,
  resizeBilinear,
} from "./resize_bilinear.ts";
export { keepResizedImages } from "./resized_images.ts";
export { drawScene } from "./scene_drawing.ts";
export {
  type EdgeKind,
  layoutScene,
  SCENE_CLASSES,
  type SceneEdge,
  type SceneKey,
  type SceneObject,
} from "./scene_layout.ts";
export { makeScenes, type SceneDataset, type SceneRecord } from "./scenes.ts";
export {
  bucketOf,
  type Size,
  type SizeBuckets,
  sizeBuckets,
} from "./size_buckets.ts";
export { type PatchOptions, slidingWindows } from "./sliding_windows.ts";
export {
  type Batch,
  createTrainingBatches,
  type TrainingBatches,
  type TrainingBatchOptions,
} from "./training_batches.ts";
export { readVoc, type VocOptions } from "./voc.ts";
export {
  parseVocAnnotation,
  type VocAnnotation,
  type VocObject,
} from "./voc_annotation.ts";
