/**
 * Boxes as distributions: each side of a box is a categorical distribution over
 * n = regMax + 1 distances 0, 1, ... regMax, in units of the level's stride.
 */
import * as tf from "@tensorflow/tfjs-core";
import { requireLastDimension } from "./shape_guard.ts";
import { type Support, supportPoints } from "./support.ts";
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
 * Expected position of one edge's distribution: where a detector with
 * distribution boxes says that the edge is.
 *
 * ê = Σ_i e_i · softmax(z)_i, with e_i from `from` to `to` at equal steps; for
 * the sides of GFL's boxes e_i = i
 *
 * @param logits z, [..., n], finite; bin i stands for e_i.
 * @param support Where the first and the last bin lie: 0 and n − 1 for distances
 * of sides in stride units, −2 and 2 for the deltas of Rotated LD.
 * @returns [...], in [from, to] and its unit.
 * @throws {TypeError} If the logits are a scalar.
 * @throws {RangeError} If the support is no range of finite numbers.
 * @see Zheng et al., Localization Distillation for Dense Object Detection, CVPR
 * 2022, equation 1; Li et al., Generalized Focal Loss, NeurIPS 2020, equation 5;
 * MMDetection 3.3.0 `Integral`
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
 * const [delta] = await integral(logits, { from: -2, to: 2 }).data();
 * assert.ok(Math.abs(delta - 1) < 1e-6);
 * ```
 */
export function integral(logits: tf.Tensor, support: Support = {}): tf.Tensor {
  const task = "compute the integral";
  requireLastDimension(task, "logits", logits);
  const points = supportPoints(task, logits.shape.at(-1)!, support);
  // In closed form, ∂ê/∂z_i = p_i (e_i − ê), half the operations of autodiff.
  return tf.customGrad((...args) => {
    const [logits, save] = args as [tf.Tensor, tf.GradSaveFunc];
    const positions = tf.tensor1d(points);
    const p = tf.softmax(logits);
    const value = tf.sum(tf.mul(p, positions), -1);
    save([p, positions, value]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [p, positions, value] = saved;
      const offsets = tf.sub(positions, tf.expandDims(value, -1));
      return tf.mul(tf.mul(p, offsets), tf.expandDims(dy, -1));
    };
    return { value, gradFunc };
  })(logits);
}
