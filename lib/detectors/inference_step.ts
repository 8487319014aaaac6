// B images, H and W pixels, A locations of all levels, C classes, n bins.
import * as tf from "@tensorflow/tfjs-core";
import type { Detector } from "./detector.ts";

/**
 * Makes the step that runs a detector with its running statistics and keeps the
 * logits: what prediction and a frozen teacher need. Compile it.
 *
 * @param detector The detector; what it has learnt by the time of a call counts.
 * @param options.features Whether the features are kept as well, as
 * `features0` (P3) and so on, each [B, H, W, D]; false unless given.
 * @returns A function of `images` [B, H, W, 3] that gives `classLogits`
 * [B, A, C] and `boxLogits` [B, A, 4, n]; the caller owns them.
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
 *   kind: "gfl", numClasses: 3, backbone: { depth: 18, baseWidth: 4 }, neckChannels: 8, headChannels: 8,
 *   headConvs: 1, groups: 4,
 * }, { seed: 1 });
 * const images = tf.zeros<tf.Rank.R4>([1, 64, 64, 3]);
 * const { boxLogits } = inferenceStep(detector)({ images });
 * assert.deepEqual(boxLogits.shape, [1, 86, 4, 17]);
 * detector.dispose();
 * ```
 */
export function inferenceStep(
  detector: Detector,
  { features: keepsFeatures = false }: { features?: boolean } = {},
): (inputs: { images: tf.Tensor4D }) => {
  classLogits: tf.Tensor3D;
  boxLogits: tf.Tensor4D;
  [feature: `features${number}`]: tf.Tensor4D;
} {
  return ({ images }) =>
    tf.tidy(() => {
      const outputs = detector.forward(images, { training: false });
      const { classLogits, boxLogits, features } = outputs;
      const kept = keepsFeatures ? features : [];
      return {
        classLogits,
        boxLogits,
        ...Object.fromEntries(
          kept.map((map, level) => [`features${level}`, map]),
        ),
      };
    });
}
