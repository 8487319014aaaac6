import * as tf from "@tensorflow/tfjs-core";

/**
 * Takes the largest values of each row, largest first, with a gradient, which
 * `tf.topk` lacks. Use it on distributions: the largest probabilities of a side
 * tell how sure a detector is of it.
 *
 * ∂y_j/∂x_i = 1 where y_j was taken from x_i, else 0
 *
 * @param x [..., n], finite.
 * @param count k, from 1 to n.
 * @returns [..., k]. Of equal values the first are taken, and only they get the
 * gradient.
 * @throws {RangeError} If `count` is not a whole number from 1 to n.
 * @see PyTorch's `topk`, which does not say which of equal values it takes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { largestValues } from "ldlab/detectors/largest_values.ts";
 *
 * const x = tf.tensor1d([1, 5, 2, 5]);
 * assert.deepEqual([...await largestValues(x, 3).data()], [5, 5, 2]);
 * const gradient = tf.grad((x) => largestValues(x, 1))(x);
 * assert.deepEqual([...await gradient.data()], [0, 1, 0, 0]);
 * ```
 */
export function largestValues(x: tf.Tensor, count: number): tf.Tensor {
  const size = x.shape.at(-1) ?? 0;
  if (!(Number.isInteger(count) && count >= 1 && count <= size)) {
    throw new RangeError(
      `Cannot take the largest values: count must be a whole number from 1 to ${size}: current value is ${count}`,
    );
  }
  return tf.customGrad((...args) => {
    const [x, save] = args as [tf.Tensor, tf.GradSaveFunc];
    const { values, indices } = tf.topk(x, count);
    save([indices]);
    const gradFunc = (dy: tf.Tensor, [indices]: tf.Tensor[]) => {
      const places = tf.range(0, size, 1, "int32");
      const taken = tf.equal(tf.expandDims(indices, -1), places); // [..., k, n]
      return tf.sum(
        tf.mul(tf.cast(taken, dy.dtype), tf.expandDims(dy, -1)),
        -2,
      );
    };
    return { value: values, gradFunc };
  })(x);
}
