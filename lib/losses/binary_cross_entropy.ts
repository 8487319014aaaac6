import * as tf from "@tensorflow/tfjs-core";
import { requireSameShape } from "../boxes/shape_guard.ts";

/**
 * Binary cross-entropy of a sigmoid's logits. Use it where each class, or a
 * centre-ness, is its own yes or no; {@linkcode focalLoss} is made of it.
 *
 * L = −((1 − y) log(1 − σ(z)) + y log σ(z)), computed as softplus(z) − z y,
 * which neither overflows nor takes the logarithm of 0
 *
 * @param logits z, any shape, finite.
 * @param targets y, the shape of the logits, in [0, 1]. No gradient reaches them.
 * @returns The shape of the logits, at least 0.
 * @throws {TypeError} If the shapes differ.
 * @see MMDetection 3.3.0 `CrossEntropyLoss(use_sigmoid=True)`, which also takes
 * labels, makes them one-hot and skips those out of range
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { binaryCrossEntropy } from "ldlab/losses/binary_cross_entropy.ts";
 *
 * // σ(ln 3) = 3/4.
 * const logits = tf.tensor1d([Math.log(3), Math.log(3)]);
 * const targets = tf.tensor1d([1, 0]);
 * const [yes, no] = await binaryCrossEntropy(logits, targets).data();
 * assert.ok(Math.abs(yes - Math.log(4 / 3)) < 1e-6);
 * assert.ok(Math.abs(no - Math.log(4)) < 1e-6);
 * ```
 */
export function binaryCrossEntropy(
  logits: tf.Tensor,
  targets: tf.Tensor,
): tf.Tensor {
  const task = "compute binary cross-entropy";
  requireSameShape(task, "targets", targets, "the logits", logits);
  // In closed form, ∂L/∂z = σ(z) − y.
  return tf.customGrad((...args) => {
    const [logits, save] = args as [tf.Tensor, tf.GradSaveFunc];
    save([logits, targets]);
    const gradFunc = (dy: tf.Tensor, [logits, targets]: tf.Tensor[]) =>
      tf.mul(dy, tf.sub(tf.sigmoid(logits), targets));
    const value = tf.sub(tf.softplus(logits), tf.mul(logits, targets));
    return { value, gradFunc };
  })(logits);
}
