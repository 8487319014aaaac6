// B images, H and W pixels, A locations of all levels, C classes, n numbers a side.
import * as tf from "@tensorflow/tfjs-core";
import type { Detector } from "./detector.ts";

/**
 * Makes the step that runs a detector with its running statistics and keeps what
 * decoding needs. Compile it.
 *
 * @param detector The detector; what it has learnt by the time of a call counts.
 * @returns A function of `images` [B, H, W, 3] that gives `classLogits`
 * [B, A, C], `boxLogits` [B, A, 4, n] and, where the detector has them,
 * `centerness` [B, A] or `scores` [B, A, C]; the caller owns them.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { createDetector } from "ldlab/detectors/create_detector.ts";
 * import { inferenceStep } from "ldlab/detectors/inference_step.ts";
 *
 * const detector = createDetector({
 *   kind: "atss", numClasses: 3, backbone: { depth: 18, baseWidth: 4 }, neckChannels: 8, headChannels: 8,
 *   headConvs: 1, groups: 4,
 * }, { seed: 1 });
 * const images = tf.zeros<tf.Rank.R4>([1, 64, 64, 3]);
 * const { boxLogits, centerness } = inferenceStep(detector)({ images });
 * assert.deepEqual(boxLogits.shape, [1, 86, 4, 17]);
 * assert.deepEqual(centerness.shape, [1, 86]);
 * detector.dispose();
 * ```
 */
export function inferenceStep(
  detector: Detector,
): (inputs: { images: tf.Tensor4D }) => InferenceOutputs {
  return ({ images }) =>
    tf.tidy(() => {
      const { features: _, ...outputs } = detector.forward(images, {
        training: false,
      });
      return outputs as InferenceOutputs;
    });
}

/** What {@linkcode inferenceStep} keeps, by the names of a detector's outputs. */
export type InferenceOutputs =
  & { classLogits: tf.Tensor3D; boxLogits: tf.Tensor4D }
  & tf.NamedTensorMap;
