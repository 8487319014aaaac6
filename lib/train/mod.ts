/**
 * Training: optimizers, schedules, the compiled step, the loop and its
 * checkpoints.
 *
 * @module
 */
export { adamW, type AdamWOptions } from "./adam_w.ts";
export { writeFileAtomically } from "./atomic_file.ts";
export { canonicalJson, firstDifference, type Json } from "./canonical_json.ts";
export {
  loadCheckpoint,
  type LoadedCheckpoint,
  saveCheckpoint,
} from "./checkpoint.ts";
export {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  type Position,
} from "./checkpoint_file.ts";
export { clipGradients } from "./clip_gradients.ts";
export { closeLocked } from "./close_locked.ts";
export { convertWeights } from "./convert_weights.ts";
export { type Divergence, DivergenceError } from "./divergence.ts";
export { downloadFile, type DownloadProgress } from "./download_file.ts";
export { requireEqualOutputs } from "./equal_outputs.ts";
export { sha256OfFile } from "./file_hash.ts";
export { findWeights, type FindWeightsOptions } from "./find_weights.ts";
export type { Optimizer } from "./optimizer.ts";
export { type PickledData, type PickleOptions, readPickle } from "./pickle.ts";
export { type PickleMeaning, PickleName } from "./pickle_name.ts";
export {
  type HostTensor,
  readSafetensors,
  type SafetensorsFile,
  safetensorsParts,
  writeSafetensors,
} from "./safetensors.ts";
export {
  cosineSchedule,
  linearWarmup,
  publishedRate,
  type Schedule,
  stepSchedule,
  type WarmupOptions,
} from "./schedules.ts";
export { sgd, type SgdOptions } from "./sgd.ts";
export {
  type PublishedFile,
  type PublishOptions,
  publishWeights,
} from "./publish_weights.ts";
export {
  PUBLISHED_WEIGHTS,
  type PublishedWeights,
  publishedWeights,
} from "./published_weights.ts";
export { readState, restoreState } from "./state.ts";
export { stateDictOf } from "./state_dict_of.ts";
export { makeTrainStep } from "./step.ts";
export type {
  DetectorStep,
  Distillation,
  StepBatch,
  TrainStepOptions,
} from "./step_options.ts";
export {
  cachedTeacher,
  liveTeacher,
  TEACHER_CACHE_BYTES,
  type TeacherBatch,
  type TeacherOptions,
  type TeacherOutputs,
} from "./teacher.ts";
export { readTorchCheckpoint } from "./torch_checkpoint.ts";
export { writeTorchStateDict } from "./torch_state_dict.ts";
export {
  type CheckpointOptions,
  type Progress,
  train,
  type TrainBatch,
  type TrainOptions,
  type TrainResult,
  type TrainStep,
} from "./train.ts";
export {
  type CachedFile,
  cachedFile,
  type WeightSource,
} from "./weight_source.ts";
export { readWeightsFile, type WeightsFile } from "./weights_file.ts";
