import * as tf from "@tensorflow/tfjs-core";

/**
 * Absolute values whose gradient at 0 is 0, as PyTorch's. Use it in losses in
 * place of `tf.abs`, whose gradient at 0 is −1: a student equal to its teacher
 * would be pulled away from it.
 *
 * ∂|x|/∂x = sign(x)
 *
 * @param x Any shape.
 * @returns |x|, of x's shape.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { absolute } from "ldlab/losses/absolute.ts";
 *
 * const x = tf.tensor1d([-2, 0, 3]);
 * assert.deepEqual([...await absolute(x).data()], [2, 0, 3]);
 * assert.deepEqual([...await tf.grad(absolute)(x).data()], [-1, 0, 1]);
 * ```
 */
export function absolute(x: tf.Tensor): tf.Tensor {
  // sign() itself has the gradient 0.
  return tf.mul(x, tf.sign(x));
}
