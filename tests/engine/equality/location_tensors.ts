/** Inputs of losses over the locations of two images: [2, A, ...]. */
import * as tf from "@tensorflow/tfjs-core";
import { createTrainingBatches } from "ldlab/data/training_batches.ts";
import { anchors, data } from "../../train/tiny_detector.ts";
import { noise } from "./equality_case.ts";

export { anchors };

/** Batches of drawn scenes, for calls 0, 1, 2 and again from the first. */
export const batches = await Promise.all(
  [0, 1, 2].map((index) =>
    createTrainingBatches({ ...data, regions: [{ kind: "vlr" }] })
      .prepare(0, index)
  ),
);

/** [B, A]. */
export const size: [number, number] = [data.batchSize, anchors.count];

const batch = (call: number) => batches[call % batches.length];

/** Labels and boxes of the batches. */
export const targets = {
  labels: (call: number) => tf.tensor2d(batch(call).labels, size, "int32"),
  boxTargets: (call: number) =>
    tf.tensor3d(batch(call).boxTargets, [...size, 4]),
};

const [key] = Object.keys(batches[0].regions);

/** The weights of the valuable localization region [B, A]. */
export const vlr = (call: number) =>
  tf.tensor2d(batch(call).regions[key], size);

/** As `distillLoss` takes them. */
export const regionsOf = (vlr: tf.Tensor) => ({ [key]: vlr as tf.Tensor2D });

/** Numbers of [0, 1) [B, A]. */
export const weights = (call: number) =>
  tf.tidy(() => tf.abs(noise(size, 80)(call)));

/** Logits of a network that is trained a little. */
export const logits = (shape: number[], seed: number) => noise(shape, seed, 3);
