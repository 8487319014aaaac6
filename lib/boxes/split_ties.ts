/**
 * Maximum and minimum with PyTorch's gradient at ties. Plain `tf.maximum` gives
 * the whole gradient of a tie to its first input; PyTorch gives half to each.
 * Boxes that touch, or share an edge, meet this on every edge they share.
 */
import * as tf from "@tensorflow/tfjs-core";
import { requireSameShape } from "./shape_guard.ts";

/**
 * Element-wise maximum whose gradient, where both inputs are equal, is split in
 * halves. Use it where gradients are to equal PyTorch's `torch.max(a, b)`.
 *
 * ∂max(a, b)/∂a = 1 if a > b, ½ if a = b, 0 if a < b.
 *
 * @param a Any shape, finite.
 * @param b The shape of `a`, finite.
 * @returns The larger values, the shape of `a`.
 * @throws {TypeError} If the shapes differ.
 * @see https://github.com/pytorch/pytorch/blob/main/tools/autograd/derivatives.yaml (`maximum`)
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { maximumSplitTies } from "ldlab/boxes/split_ties.ts";
 *
 * const [a, b] = [tf.tensor1d([1, 2, 3]), tf.tensor1d([2, 2, 2])];
 * assert.deepEqual([...await maximumSplitTies(a, b).data()], [2, 2, 3]);
 * const [da] = tf.grads(maximumSplitTies)([a, b]);
 * assert.deepEqual([...await da.data()], [0, 0.5, 1]);
 * ```
 */
export function maximumSplitTies(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  requireSameShape("take the maximum", "second input", b, "the first", a);
  return extreme(tf.maximum, 1, a, b);
}

/**
 * Element-wise minimum whose gradient, where both inputs are equal, is split in
 * halves. Use it where gradients are to equal PyTorch's `torch.min(a, b)`.
 *
 * ∂min(a, b)/∂a = 1 if a < b, ½ if a = b, 0 if a > b.
 *
 * @param a Any shape, finite.
 * @param b The shape of `a`, finite.
 * @returns The smaller values, the shape of `a`.
 * @throws {TypeError} If the shapes differ.
 * @see https://github.com/pytorch/pytorch/blob/main/tools/autograd/derivatives.yaml (`minimum`)
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { minimumSplitTies } from "ldlab/boxes/split_ties.ts";
 *
 * const [a, b] = [tf.tensor1d([1, 2, 3]), tf.tensor1d([2, 2, 2])];
 * assert.deepEqual([...await minimumSplitTies(a, b).data()], [1, 2, 2]);
 * const [da] = tf.grads(minimumSplitTies)([a, b]);
 * assert.deepEqual([...await da.data()], [1, 0.5, 0]);
 * ```
 */
export function minimumSplitTies(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  requireSameShape("take the minimum", "second input", b, "the first", a);
  return extreme(tf.minimum, -1, a, b);
}

/** `direction` is 1 where the larger input wins, -1 where the smaller does. */
function extreme(
  pick: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  direction: 1 | -1,
  a: tf.Tensor,
  b: tf.Tensor,
): tf.Tensor {
  return tf.customGrad((...args) => {
    const [a, b, save] = args as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    save([a, b]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const sign = tf.sign(tf.sub(saved[0], saved[1]));
      const da = tf.mul(dy, tf.add(tf.mul(sign, direction / 2), 0.5));
      return [da, tf.sub(dy, da)];
    };
    return { value: pick(a, b), gradFunc };
  })(a, b);
}
