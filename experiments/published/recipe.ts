/**
 * What the published runs share: data, input, optimizer, schedules, batches.
 *
 * @module
 */
import {
  type KeepRatioInput,
  type MultiScale,
  SINGLE_SCALE,
} from "../../lib/data/mod.ts";
import { VOC_CLASSES } from "../class_names.ts";
import type { CocoData, RunConfig, TeacherRun, VocData } from "../config.ts";

/** COCO 2017, where data/README.md expects it. */
const COCO: CocoData = {
  kind: "coco",
  root: "data/coco",
  train: {
    annotations: "annotations/instances_train2017.json",
    images: "train2017",
  },
  test: {
    annotations: "annotations/instances_val2017.json",
    images: "val2017",
  },
};

/** Trained on 2007 and 2012, an epoch being three passes; tested on 2007. */
const VOC: VocData = {
  kind: "voc",
  train: [
    { root: "data/VOCdevkit/VOC2007", split: "trainval" },
    { root: "data/VOCdevkit/VOC2012", split: "trainval" },
  ],
  repeat: 3,
  test: { root: "data/VOCdevkit/VOC2007", split: "test" },
  classes: VOC_CLASSES,
};

/**
 * Within 1333 × 800, or what training draws; padded to 32. With eight sizes of
 * batches, about as many pixels are padding as in the released runs' batches of
 * two images: 14 and 18 % (bench/README.md).
 */
export const within = (train: MultiScale = SINGLE_SCALE): KeepRatioInput => ({
  kind: "keepRatio",
  train,
  test: [1333, 800],
  buckets: 8,
});

/** All but the network, the batch and the epochs. */
type Recipe = Pick<
  RunConfig,
  | "data"
  | "input"
  | "augmentation"
  | "optimizer"
  | "warmup"
  | "clipNorm"
  | "terms"
  | "teacher"
  | "evaluation"
>;

/**
 * Of a detector on COCO. The rate is 0.01 for 16 images, in proportion for
 * others: 0.00375 for 6, 0.0025 for 4.
 */
export const ON_COCO: Recipe = {
  data: COCO,
  input: within(),
  augmentation: { flips: "horizontal" },
  optimizer: {
    kind: "sgd",
    learningRate: 0.01,
    perBatch: 16,
    momentum: 0.9,
    weightDecay: 1e-4,
  },
  warmup: { iterations: 500, start: 0.001 },
  clipNorm: null,
  terms: {},
  teacher: null,
};

/**
 * Of a detector on Pascal VOC. Images are as large as COCO's: the 1000 × 600 of
 * MMDetection's base file is overridden.
 */
export const ON_VOC: Recipe = { ...ON_COCO, data: VOC, evaluation: "voc07" };

/** Epochs and after which of them the rate falls to a tenth. */
const epochs = (epochs: number, ...falls: readonly number[]) => ({
  epochs,
  schedule: { kind: "steps", epochs: falls } as const,
});
export const ONE_X = epochs(12, 8, 11);
export const TWO_X = epochs(24, 16, 22);
/** 12 passes, as an epoch is three. */
export const VOC_4 = epochs(4, 3);
export const VOC_12 = epochs(12, 9);
export const VOC_16 = epochs(16, 12);

/** A batch on so many GPUs; what a GPU has decides how much LD weighs. */
const gpus = (replicas: number, images: number) => ({
  batchSize: replicas * images,
  replicas,
});
export const BATCH_4 = gpus(2, 2);
export const BATCH_6 = gpus(2, 3);
export const BATCH_16 = gpus(8, 2);

/** A published run as a teacher: trained first, where it has not been. */
export const trained = (config: RunConfig): TeacherRun => ({ config, seed: 0 });
