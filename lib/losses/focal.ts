import * as tf from "@tensorflow/tfjs-core";
import { requireSameShape } from "../boxes/shape_guard.ts";
import { binaryCrossEntropy } from "./binary_cross_entropy.ts";

/** Options of {@linkcode focalLoss}. */
export interface FocalLossOptions {
  /**
   * γ, at least 0: how much easy examples are played down. 0 is α-weighted
   * binary cross-entropy.
   *
   * @default {2}
   */
  gamma?: number;
  /**
   * α, in [0, 1]: the weight of positives; negatives have 1 − α.
   *
   * @default {0.25}
   */
  alpha?: number;
}

/**
 * Focal loss: binary cross-entropy, played down where the score is already near
 * its target. Trains RetinaNet's, FCOS's and ATSS's class scores, where nearly
 * all locations are easy background; for soft targets see
 * {@linkcode qualityFocalLoss}.
 *
 * L = w p^γ · −((1 − y) log(1 − σ(z)) + y log σ(z))
 *
 * p = 1 − σ(z) and w = α where y = 1, p = σ(z) and w = 1 − α where y = 0. The
 * factor p^γ takes part in the gradient, as in the reference code.
 *
 * @param logits z, [..., C], finite.
 * @param targets y, [..., C], 0 or 1. No gradient reaches them.
 * @param options The focusing exponent and the weight of positives.
 * @returns [..., C]. RetinaNet sums it and divides by the number of positives.
 * @throws {TypeError} If the shapes differ.
 * @throws {RangeError} If gamma is not a finite number of at least 0 or alpha
 * not a number from 0 to 1.
 * @see Lin et al., Focal Loss for Dense Object Detection, ICCV 2017, equation 5;
 * MMDetection 3.3.0 `FocalLoss`, which takes labels
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { focalLoss } from "ldlab/losses/focal.ts";
 *
 * // σ(0) = 1/2: a quarter, or three quarters, of (1/2)² · log 2.
 * const logits = tf.tensor2d([[0, 0]]);
 * const targets = tf.tensor2d([[1, 0]]);
 * const [positive, negative] = await focalLoss(logits, targets).data();
 * assert.ok(Math.abs(positive - Math.LN2 / 16) < 1e-6);
 * assert.ok(Math.abs(negative - 3 * Math.LN2 / 16) < 1e-6);
 * ```
 */
export function focalLoss(
  logits: tf.Tensor,
  targets: tf.Tensor,
  { gamma = 2, alpha = 0.25 }: FocalLossOptions = {},
): tf.Tensor {
  const task = "compute the focal loss";
  requireSameShape(task, "targets", targets, "the logits", logits);
  if (!(gamma >= 0 && Number.isFinite(gamma))) {
    throw new RangeError(
      `Cannot ${task}: gamma must be a finite number of at least 0: current value is ${gamma}`,
    );
  }
  if (!(alpha >= 0 && alpha <= 1)) {
    throw new RangeError(
      `Cannot ${task}: alpha must be a number from 0 to 1: current value is ${alpha}`,
    );
  }
  // With s = 1 − 2y and H the cross-entropy, p = σ(s z), L = w p^γ H and
  // ∂L/∂z = s w p^γ (γ (1 − p) H + p): no power below 0, which p = 0 forbids.
  return tf.customGrad((...args) => {
    const [logits, save] = args as [tf.Tensor, tf.GradSaveFunc];
    const sign = tf.sub(1, tf.mul(targets, 2));
    const p = tf.sigmoid(tf.mul(logits, sign));
    const weight = tf.add(tf.mul(sign, 0.5 - alpha), 0.5); // α or 1 − α
    const power = gamma === 2 ? tf.square(p) : tf.pow(p, gamma);
    const factor = tf.mul(weight, power);
    const entropy = binaryCrossEntropy(logits, targets);
    save([p, sign, factor, entropy]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [p, sign, factor, entropy] = saved;
      const focusing = tf.mul(tf.mul(tf.sub(1, p), entropy), gamma);
      return tf.mul(dy, tf.mul(tf.mul(sign, factor), tf.add(focusing, p)));
    };
    return { value: tf.mul(factor, entropy), gradFunc };
  })(logits);
}
