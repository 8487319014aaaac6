import * as tf from "@tensorflow/tfjs-core";
import {
  requireLastDimension,
  requireSameShape,
} from "../boxes/shape_guard.ts";

/**
 * Cross-entropy of a softmax's logits. Use it where an object has exactly one
 * class; a detector that scores each class by itself takes
 * {@linkcode binaryCrossEntropy}.
 *
 * L = −Σ_c y_c log softmax(z)_c
 *
 * @param logits z, [..., C], finite.
 * @param targets y, [..., C], at least 0 and of sum 1: one-hot, or soft. A row
 * of zeros counts for nothing, with no gradient. No gradient reaches them.
 * @returns [...], at least 0.
 * @throws {TypeError} If the shapes differ or have no classes.
 * @see MMDetection 3.3.0 `CrossEntropyLoss(use_sigmoid=False)`, which takes
 * labels
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { softmaxCrossEntropy } from "ldlab/losses/softmax_cross_entropy.ts";
 *
 * // Probabilities 1/4, 1/2, 1/4; the true class is the second.
 * const logits = tf.tensor2d([[0, Math.LN2, 0]]);
 * const targets = tf.cast(tf.oneHot(tf.tensor1d([1], "int32"), 3), "float32");
 * const [loss] = await softmaxCrossEntropy(logits, targets).data();
 * assert.ok(Math.abs(loss - Math.LN2) < 1e-6);
 * ```
 */
export function softmaxCrossEntropy(
  logits: tf.Tensor,
  targets: tf.Tensor,
): tf.Tensor {
  const task = "compute softmax cross-entropy";
  requireLastDimension(task, "logits", logits);
  requireSameShape(task, "targets", targets, "the logits", logits);
  // In closed form, ∂L/∂z = softmax(z) Σ_c y_c − y.
  return tf.customGrad((...args) => {
    const [logits, save] = args as [tf.Tensor, tf.GradSaveFunc];
    const logP = tf.logSoftmax(logits);
    save([logP, targets]);
    const gradFunc = (dy: tf.Tensor, [logP, targets]: tf.Tensor[]) => {
      const p = tf.mul(tf.exp(logP), tf.sum(targets, -1, true));
      return tf.mul(tf.sub(p, targets), tf.expandDims(dy, -1));
    };
    return { value: tf.neg(tf.sum(tf.mul(targets, logP), -1)), gradFunc };
  })(logits);
}
