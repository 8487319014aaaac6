import * as tf from "@tensorflow/tfjs-core";

/**
 * Halves a feature map by taking the mean of each 2 × 2 cells: the short cuts of
 * Res2Net and of ResNet's version D. Where a side is odd, the last cells are means
 * of the one row or column that is left.
 *
 * @param x [B, H, W, C].
 * @returns [B, ⌈H/2⌉, ⌈W/2⌉, C].
 * @see PyTorch: `AvgPool2d(2, 2, ceil_mode=True, count_include_pad=False)`; He et
 * al., "Bag of Tricks for Image Classification", CVPR 2019, figure 2c.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { halve } from "ldlab/nn/halve.ts";
 *
 * const y = halve(tf.tensor4d([1, 2, 3, 5, 6, 7], [1, 2, 3, 1]));
 * assert.deepEqual([...await y.data()], [3.5, 5]);
 * ```
 */
export function halve(x: tf.Tensor4D): tf.Tensor4D {
  const [, height, width] = x.shape;
  const [rows, columns] = [height % 2, width % 2];
  // Repeated, a last row has its own mean. (The gradient of tfjs's "same" pooling
  // divides it by 4 on the JavaScript backend.)
  const tall = rows
    ? tf.concat([x, tf.slice(x, [0, height - 1, 0, 0], [-1, 1, -1, -1])], 1)
    : x;
  const whole = columns
    ? tf.concat(
      [tall, tf.slice(tall, [0, 0, width - 1, 0], [-1, -1, 1, -1])],
      2,
    )
    : tall;
  return tf.avgPool(whole, 2, 2, "valid");
}
