import * as tf from "@tensorflow/tfjs-core";

/**
 * Takes the mean of each window, the image padded with zeros on all four sides as
 * PyTorch does: the pooling beside Res2Net's convolutions of stride 2. The zeros
 * count, so that cells at the border are means of fewer pixels and some zeros.
 *
 * y[b,i,j,c] = Σ x[b, i·stride+u−padding, j·stride+v−padding, c] / kernel²
 *
 * @param x [B, H, W, C].
 * @param options.kernel Side of the square window, pixels.
 * @param options.stride Step between windows, pixels.
 * @param options.padding Rows and columns of zeros added on each side.
 * @returns [B, ⌊(H + 2·padding − kernel) / stride⌋ + 1, …, C].
 * @see PyTorch: `AvgPool2d(kernel, stride, padding)`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { avgPool } from "ldlab/nn/avg_pool.ts";
 *
 * const x = tf.tensor4d([9, 18, 27, 36], [1, 2, 2, 1]);
 * const y = avgPool(x, { kernel: 3, stride: 2, padding: 1 });
 * assert.deepEqual([...await y.data()], [10]);
 * ```
 */
export function avgPool(
  x: tf.Tensor4D,
  { kernel, stride, padding }: {
    kernel: number;
    stride: number;
    padding: number;
  },
): tf.Tensor4D {
  const border: [number, number] = [padding, padding];
  const padded = tf.pad(x, [[0, 0], border, border, [0, 0]]);
  return tf.avgPool(padded, kernel, stride, "valid");
}
