import * as tf from "@tensorflow/tfjs-core";
import { requireLastDimension, shapeError } from "../boxes/shape_guard.ts";

/**
 * Distribution focal loss: cross-entropy with the two bins around the target,
 * in proportion to how near each is. Gives a side's distribution its mass at
 * the true distance, which GIoU alone, seeing only the mean, does not.
 *
 * For k ≤ t ≤ k + 1, L = −((k + 1 − t) log p_k + (t − k) log p_{k+1}),
 * p = softmax(z)
 *
 * @param logits z, [..., n], finite; bin i stands for the distance i.
 * @param targets t, [...], in [0, n − 1], stride units. No gradient reaches
 * them. Outside that range the loss is not a cross-entropy.
 * @returns [...]. GFL weights it by 0.25 and takes the mean of the four sides.
 * @throws {TypeError} If the shapes do not fit together.
 * @see Li et al., Generalized Focal Loss, NeurIPS 2020, equation 6; MMDetection
 * 3.3.0 `DistributionFocalLoss`, which fails at t = n − 1
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { distributionFocalLoss } from "ldlab/losses/dfl.ts";
 *
 * // Half way between two bins of probability 1/4 and 1/2: the mean of their logs.
 * const logits = tf.tensor2d([[0, Math.LN2, 0]]);
 * const [loss] = await distributionFocalLoss(logits, tf.tensor1d([0.5])).data();
 * assert.ok(Math.abs(loss - (Math.log(4) + Math.log(2)) / 2) < 1e-6);
 * ```
 */
export function distributionFocalLoss(
  logits: tf.Tensor,
  targets: tf.Tensor,
): tf.Tensor {
  requireLastDimension("compute DFL", "logits", logits);
  const rows = logits.shape.slice(0, -1);
  if (!tf.util.arraysEqual(targets.shape, rows)) {
    const expected = `[${rows.join(", ")}] as the logits less their bins`;
    throw shapeError("compute DFL", "targets", expected, targets);
  }
  // In closed form, ∂L/∂z = softmax(z) − w, w the weights of the two bins.
  return tf.customGrad((...args) => {
    const [logits, save] = args as [tf.Tensor, tf.GradSaveFunc];
    const bins = logits.shape.at(-1)!;
    const t = tf.expandDims(targets, -1);
    // 0 but at the two bins around t. Exact, as 1 − |k − t| is not near bin 0.
    const weights = tf.relu(tf.minimum(
      tf.sub(t, tf.range(-1, bins - 1)),
      tf.sub(tf.range(1, bins + 1), t),
    ));
    const logP = tf.logSoftmax(logits);
    save([logP, weights]);
    const gradFunc = (dy: tf.Tensor, [logP, weights]: tf.Tensor[]) =>
      tf.mul(tf.sub(tf.exp(logP), weights), tf.expandDims(dy, -1));
    return { value: tf.neg(tf.sum(tf.mul(weights, logP), -1)), gradFunc };
  })(logits);
}
