import * as tf from "@tensorflow/tfjs-core";
import { withoutGradient } from "../nn/without_gradient.ts";

/**
 * Weighs locations by how confident the student is: GFL's box losses and
 * localization distillation count a location by its best class score, so that
 * boxes which no one will see cost little.
 *
 * w = max over classes of σ(class logit), without gradient
 *
 * The largest score counts, also where it is not the true class's.
 *
 * @param classLogits [B, A, C].
 * @returns [B, A], in [0, 1].
 * @see MMDetection's `GFLHead.loss_by_feat_single`, `weight_targets`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { scoreWeights } from "ldlab/detectors/score_weights.ts";
 *
 * const weights = scoreWeights(tf.tensor3d([[[-9, 0], [-9, -9]]]));
 * const [first, second] = await weights.data();
 * assert.ok(first === 0.5 && second < 0.001);
 * ```
 */
export function scoreWeights(classLogits: tf.Tensor3D): tf.Tensor2D {
  return withoutGradient(() => tf.sigmoid(tf.max(classLogits, -1)));
}
