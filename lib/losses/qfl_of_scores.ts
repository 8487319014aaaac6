import * as tf from "@tensorflow/tfjs-core";
import { requireSameShape } from "../boxes/shape_guard.ts";
import {
  type QualityFocalLossOptions,
  requireBeta,
  signedPower,
} from "./qfl_focusing.ts";

/** The least logarithm that counts, and what p (1 − p) is at least: PyTorch's. */
const LEAST_LOGARITHM = -100;
const LEAST_SPREAD = 1e-12;

/**
 * Quality focal loss of scores in place of logits. Use it where the score is no
 * sigmoid of one logit: GFLv2's is a class score times a predicted quality. Of a
 * sigmoid's logits, {@linkcode qualityFocalLoss} is more exact.
 *
 * L = |y − p|^β · −((1 − y) log(1 − p) + y log p), a logarithm being at least −100
 *
 * The factor |y − p|^β takes part in the gradient. Where p is 0 or 1, the gradient
 * is PyTorch's, for which p (1 − p) is at least 1e-12: finite.
 *
 * @param scores p, [..., C], in [0, 1].
 * @param targets y, [..., C], in [0, 1]. No gradient reaches them.
 * @param options The focusing exponent.
 * @returns [..., C]. GFLv2 sums it and divides by the number of positives.
 * @throws {TypeError} If the shapes differ.
 * @throws {RangeError} If beta is not a finite number of at least 0.
 * @see Li et al., Generalized Focal Loss V2, CVPR 2021, section 3.2; MMDetection
 * 3.3.0 `quality_focal_loss_with_prob`, the LD repository's `use_sigmoid=False`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { qualityFocalLossOfScores } from "ldlab/losses/qfl_of_scores.ts";
 *
 * // |1 − 1/2|² · log 2; |1 − 0|² · 100, the most that a logarithm may cost.
 * const scores = tf.tensor2d([[0.5, 0]]);
 * const loss = qualityFocalLossOfScores(scores, tf.ones([1, 2]));
 * const [half, none] = await loss.data();
 * assert.ok(Math.abs(half - Math.LN2 / 4) < 1e-6 && none === 100);
 * ```
 */
export function qualityFocalLossOfScores(
  scores: tf.Tensor,
  targets: tf.Tensor,
  { beta = 2 }: QualityFocalLossOptions = {},
): tf.Tensor {
  requireSameShape("compute QFL", "targets", targets, "the scores", scores);
  requireBeta(beta);
  // With d = p − y, H the cross-entropy and s = sign(d) |d|^(β−1):
  // L = d s H and ∂L/∂p = s (d² / (p (1 − p)) + β H).
  return tf.customGrad((...args) => {
    const [scores, save] = args as [tf.Tensor, tf.GradSaveFunc];
    const error = tf.sub(scores, targets);
    const entropy = crossEntropy(scores, targets);
    save([scores, error, entropy]);
    const value = beta === 0
      ? entropy
      : tf.mul(tf.mul(error, signedPower(error, beta - 1)), entropy);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [scores, error, entropy] = saved;
      const spread = tf.maximum(
        tf.mul(scores, tf.sub(1, scores)),
        LEAST_SPREAD,
      );
      const sum = tf.add(
        tf.div(tf.square(error), spread),
        tf.mul(entropy, beta),
      );
      return tf.mul(dy, tf.mul(signedPower(error, beta - 1), sum));
    };
    return { value, gradFunc };
  })(scores);
}

function crossEntropy(scores: tf.Tensor, targets: tf.Tensor): tf.Tensor {
  const yes = tf.maximum(tf.log(scores), LEAST_LOGARITHM);
  const no = tf.maximum(tf.log1p(tf.neg(scores)), LEAST_LOGARITHM);
  return tf.neg(tf.add(tf.mul(tf.sub(1, targets), no), tf.mul(targets, yes)));
}
