import * as tf from "@tensorflow/tfjs-core";
import { requireSameShape } from "../boxes/shape_guard.ts";

/** Options of {@linkcode smoothL1}. */
export interface SmoothL1Options {
  /**
   * β, at least 0, the unit of the values: up to this difference the loss is a
   * parabola. 0 is the L1 loss; with a β above all differences, 2β times the
   * loss is the squared error.
   *
   * @default {1}
   */
  beta?: number;
}

/**
 * Smooth L1 loss: a parabola near the target, so that the gradient fades there,
 * and a line afar, so that outliers don't rule. Regresses the box deltas of
 * anchor-based detectors.
 *
 * With d = |predicted − target|, L = d² / (2β) if d < β, d − β / 2 otherwise
 *
 * @param predicted Any shape, finite.
 * @param target The shape and unit of `predicted`.
 * @param options Where the parabola ends.
 * @returns The shape of `predicted`, at least 0. Gradients, of at most 1, reach
 * both.
 * @throws {TypeError} If the shapes differ.
 * @throws {RangeError} If beta is not a finite number of at least 0.
 * @see Girshick, Fast R-CNN, ICCV 2015, equation 3, β = 1; MMDetection 3.3.0
 * `SmoothL1Loss`, which refuses β = 0, and `L1Loss`, RetinaNet's own
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { smoothL1 } from "ldlab/losses/smooth_l1.ts";
 *
 * const [predicted, target] = [tf.tensor1d([0.5, -3]), tf.tensor1d([0, 0])];
 * const [near, far] = await smoothL1(predicted, target).data();
 * assert.deepEqual([near, far], [0.125, 2.5]);
 * ```
 */
export function smoothL1(
  predicted: tf.Tensor,
  target: tf.Tensor,
  { beta = 1 }: SmoothL1Options = {},
): tf.Tensor {
  const task = "compute smooth L1";
  requireSameShape(task, "target", target, "the predicted", predicted);
  if (!(beta >= 0 && Number.isFinite(beta))) {
    throw new RangeError(
      `Cannot ${task}: beta must be a finite number of at least 0: current value is ${beta}`,
    );
  }
  // With e = predicted − target: L = m (|e| − m / 2) / β, m = min(|e|, β), and
  // ∂L/∂e = e / β within ±1.
  return tf.customGrad((...args) => {
    const [predicted, target, save] = args as [
      tf.Tensor,
      tf.Tensor,
      tf.GradSaveFunc,
    ];
    const error = tf.sub(predicted, target);
    const size = tf.abs(error);
    save([error]);
    const gradFunc = (dy: tf.Tensor, [error]: tf.Tensor[]) => {
      const slope = beta === 0
        ? tf.sign(error)
        : tf.clipByValue(tf.div(error, beta), -1, 1);
      const gradient = tf.mul(dy, slope);
      return [gradient, tf.neg(gradient)];
    };
    if (beta === 0) return { value: size, gradFunc };
    const near = tf.minimum(size, beta);
    const rest = tf.sub(size, tf.mul(near, 0.5));
    return { value: tf.mul(tf.div(near, beta), rest), gradFunc };
  })(predicted, target);
}
