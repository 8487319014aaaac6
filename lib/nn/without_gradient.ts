import * as tf from "@tensorflow/tfjs-core";

/**
 * Computes a tensor that gradients treat as given, as PyTorch's `detach`: a
 * weight or a target made from a network's own output.
 *
 * @param compute Makes the tensor; may use any others.
 * @returns What `compute` returns.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { withoutGradient } from "ldlab/nn/without_gradient.ts";
 *
 * // d(x · detached x)/dx = x, not 2x.
 * const slope = tf.grad((x) => tf.mul(x, withoutGradient(() => tf.clone(x))));
 * assert.deepEqual([...await slope(tf.scalar(3)).data()], [3]);
 * ```
 */
export function withoutGradient<T extends tf.Tensor>(compute: () => T): T {
  // What runs inside is not recorded, and no input leads to the result.
  return tf.customGrad(() => ({ value: compute(), gradFunc: () => [] }))() as T;
}
