import * as tf from "@tensorflow/tfjs-core";

/**
 * Takes the largest value of each window, the image padded with −∞ on all four
 * sides as PyTorch does: the pooling after a ResNet's first layer.
 *
 * @param x [B, H, W, C].
 * @param options.kernel Side of the square window, pixels.
 * @param options.stride Step between windows, pixels.
 * @param options.padding Rows and columns added on each side.
 * @returns [B, ⌊(H + 2·padding − kernel) / stride⌋ + 1, …, C].
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { maxPool } from "ldlab/nn/max_pool.ts";
 *
 * const x = tf.tensor4d([-4, -3, -2, -1], [1, 2, 2, 1]);
 * const y = maxPool(x, { kernel: 3, stride: 2, padding: 1 });
 * assert.deepEqual([...await y.data()], [-1]);
 * ```
 */
export function maxPool(
  x: tf.Tensor4D,
  { kernel, stride, padding }: {
    kernel: number;
    stride: number;
    padding: number;
  },
): tf.Tensor4D {
  // Backends that only know TensorFlow's paddings bring a kernel of their own.
  if (tf.getKernel("PaddedMaxPool", tf.getBackend())) {
    return tf.engine().runKernel("PaddedMaxPool", { x }, {
      filterSize: [kernel, kernel],
      strides: [stride, stride],
      pads: [padding, padding, padding, padding],
    }) as tf.Tensor4D;
  }
  return tf.maxPool(x, kernel, stride, padding);
}
