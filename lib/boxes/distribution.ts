/**
 * Boxes as distributions: each side of a box is a categorical distribution over
 * n = regMax + 1 distances 0, 1, ... regMax, in units of the level's stride.
 */
import * as tf from "@tensorflow/tfjs-core";
import { requireLastDimension } from "./shape_guard.ts";
import { requireTemperature } from "./temperature.ts";

/** Options of {@linkcode generalizedSoftmax}. */
export interface GeneralizedSoftmaxOptions {
  /**
   * τ, above 0; a scalar tensor where a compiled step takes it as an input.
   * Above 1 it softens the distribution, below 1 it sharpens it.
   *
   * @default {1}
   */
  temperature?: number | tf.Tensor;
}

/**
 * Generalized softmax: the distribution of one side of a box, or of the
 * classes, softened by a temperature. Use it to look at what localization
 * distillation sees; the losses themselves take logits.
 *
 * p_i = exp(z_i / τ) / Σ_j exp(z_j / τ)
 *
 * @param logits [..., n], finite.
 * @param options The temperature.
 * @returns [..., n]; sums to 1 over the last dimension.
 * @throws {TypeError} If the logits are a scalar or a temperature tensor is not.
 * @throws {RangeError} If a temperature number is not above 0.
 * @see Zheng et al., Localization Distillation for Dense Object Detection, CVPR
 * 2022, section 3.1, "S(·, τ)"
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { generalizedSoftmax } from "ldlab/boxes/distribution.ts";
 *
 * // exp(ln 9 / 2) = 3, so odds of 9 to 1 become 3 to 1.
 * const logits = tf.tensor1d([Math.log(9), 0]);
 * const [p] = await generalizedSoftmax(logits, { temperature: 2 }).data();
 * assert.ok(Math.abs(p - 0.75) < 1e-6);
 * ```
 */
export function generalizedSoftmax(
  logits: tf.Tensor,
  { temperature = 1 }: GeneralizedSoftmaxOptions = {},
): tf.Tensor {
  const task = "compute the generalized softmax";
  requireLastDimension(task, "logits", logits);
  requireTemperature(task, temperature);
  return tf.tidy(() => tf.softmax(tf.div(logits, temperature)));
}

/**
 * Expected distance of one side's distribution: the position of the side that
 * a detector with distribution boxes predicts.
 *
 * d = Σ_i i · softmax(z)_i
 *
 * @param logits [..., n], finite; bin i stands for the distance i.
 * @returns [...], in [0, n − 1], in stride units.
 * @throws {TypeError} If the logits are a scalar.
 * @see Li et al., Generalized Focal Loss, NeurIPS 2020, equation 5; MMDetection
 * 3.3.0 `Integral`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { integral } from "ldlab/boxes/distribution.ts";
 *
 * // Probabilities 1/4, 0, 3/4 (nearly): 3/4 · 2 strides.
 * const logits = tf.tensor2d([[0, -100, Math.log(3)]]);
 * const [distance] = await integral(logits).data();
 * assert.ok(Math.abs(distance - 1.5) < 1e-6);
 * ```
 */
export function integral(logits: tf.Tensor): tf.Tensor {
  requireLastDimension("compute the integral", "logits", logits);
  // In closed form, ∂d/∂z_i = p_i (i − d), half the operations of autodiff.
  return tf.customGrad((...args) => {
    const [logits, save] = args as [tf.Tensor, tf.GradSaveFunc];
    const distances = tf.range(0, logits.shape.at(-1)!);
    const p = tf.softmax(logits);
    const value = tf.sum(tf.mul(p, distances), -1);
    save([p, distances, value]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [p, distances, value] = saved;
      const offsets = tf.sub(distances, tf.expandDims(value, -1));
      return tf.mul(tf.mul(p, offsets), tf.expandDims(dy, -1));
    };
    return { value, gradFunc };
  })(logits);
}
