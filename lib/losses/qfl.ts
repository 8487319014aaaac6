import * as tf from "@tensorflow/tfjs-core";
import { requireSameShape } from "../boxes/shape_guard.ts";
import { binaryCrossEntropy } from "./binary_cross_entropy.ts";
import {
  type QualityFocalLossOptions,
  requireBeta,
  signedPower,
} from "./qfl_focusing.ts";

/**
 * Quality focal loss: binary cross-entropy with soft targets, played down where
 * the score is already near its target. Trains one score that means class and
 * localization quality at once: the target is the IoU of the predicted box with
 * its object at the true class, and 0 elsewhere.
 *
 * L = |y − σ(z)|^β · −((1 − y) log(1 − σ(z)) + y log σ(z))
 *
 * The factor |y − σ|^β takes part in the gradient, as in the reference code.
 *
 * @param logits z, [..., C], finite.
 * @param targets y, [..., C], in [0, 1]. No gradient reaches them.
 * @param options The focusing exponent.
 * @returns [..., C]. GFL sums it and divides by the number of positives.
 * @throws {TypeError} If the shapes differ.
 * @throws {RangeError} If beta is not a finite number of at least 0.
 * @see Li et al., Generalized Focal Loss, NeurIPS 2020, equation 2; MMDetection
 * 3.3.0 `QualityFocalLoss`, which takes labels and scores and sums over classes
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { qualityFocalLoss } from "ldlab/losses/qfl.ts";
 *
 * // σ(0) = 1/2: |1 − 1/2|² · log 2, and 0 where the score meets its target.
 * const logits = tf.tensor2d([[0, 0]]);
 * const targets = tf.tensor2d([[1, 0.5]]);
 * const [far, met] = await qualityFocalLoss(logits, targets).data();
 * assert.ok(Math.abs(far - Math.LN2 / 4) < 1e-6 && met === 0);
 * ```
 */
export function qualityFocalLoss(
  logits: tf.Tensor,
  targets: tf.Tensor,
  { beta = 2 }: QualityFocalLossOptions = {},
): tf.Tensor {
  requireSameShape("compute QFL", "targets", targets, "the logits", logits);
  requireBeta(beta);
  if (beta === 0) return binaryCrossEntropy(logits, targets);
  // With d = σ − y, H the cross-entropy and s = sign(d) |d|^(β−1):
  // L = d s H and ∂L/∂z = s (d² + β σ (1 − σ) H).
  return tf.customGrad((...args) => {
    const [logits, save] = args as [tf.Tensor, tf.GradSaveFunc];
    const scores = tf.sigmoid(logits);
    const error = tf.sub(scores, targets);
    const entropy = binaryCrossEntropy(logits, targets);
    save([scores, error, entropy]);
    const factor = tf.mul(error, signedPower(error, beta - 1));
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [scores, error, entropy] = saved;
      const spread = tf.mul(tf.mul(scores, tf.sub(1, scores)), entropy);
      const sum = tf.add(tf.square(error), tf.mul(spread, beta));
      return tf.mul(dy, tf.mul(signedPower(error, beta - 1), sum));
    };
    return { value: tf.mul(factor, entropy), gradFunc };
  })(logits);
}
