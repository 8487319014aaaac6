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
  const [, height, width] = x.shape;
  // Rows or columns to add after the last ones, so that windows are whole.
  const after = (size: number) => {
    const windows = Math.floor((size + 2 * padding - kernel) / stride) + 1;
    return Math.max(0, (windows - 1) * stride + kernel - padding - size);
  };
  const padded = tf.pad(x, [
    [0, 0],
    [padding, after(height)],
    [padding, after(width)],
    [0, 0],
  ], -Infinity);
  return tf.maxPool(padded, kernel, stride, "valid");
}
