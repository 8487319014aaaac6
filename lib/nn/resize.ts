import * as tf from "@tensorflow/tfjs-core";

/**
 * Doubles a feature map by repeating its cells, and drops the last row or
 * column where the finer level is odd: the top-down path of a feature pyramid.
 *
 * y[i,j] = x[⌊i/2⌋, ⌊j/2⌋], which for these sizes is PyTorch's ⌊i·h/H⌋
 *
 * The gradient is our own: that of tfjs's `resizeNearestNeighbor` mixes up the
 * images of a batch on the JavaScript backend.
 *
 * @param x [B, h, w, C].
 * @param size [H, W]: 2h or 2h − 1, and 2w or 2w − 1.
 * @returns [B, H, W, C].
 * @throws {RangeError} If a size is not twice x's, or that less one.
 * @see PyTorch: `F.interpolate(x, size=(H, W), mode="nearest")`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { double } from "ldlab/nn/resize.ts";
 *
 * const y = double(tf.tensor4d([1, 2], [1, 1, 2, 1]), [1, 3]);
 * assert.deepEqual([...await y.data()], [1, 1, 2]);
 * ```
 */
export function double(
  x: tf.Tensor4D,
  [height, width]: [number, number],
): tf.Tensor4D {
  const [, h, w] = x.shape;
  const rows = 2 * h - height;
  const columns = 2 * w - width;
  if (![0, 1].includes(rows) || ![0, 1].includes(columns)) {
    throw new RangeError(
      `Cannot double a map of ${h} x ${w}: the size must be twice as large, or ` +
        `that less one: current value is ${height} x ${width}`,
    );
  }
  return tf.customGrad((...args) => {
    const [x] = args as [tf.Tensor4D];
    const gradFunc = (dy: tf.Tensor) => {
      const whole = rows + columns === 0
        ? dy
        : tf.pad(dy, [[0, 0], [0, rows], [0, columns], [0, 0]]);
      // A sum of 2 × 2 cells, which every backend has as a fast pooling.
      return tf.mul(tf.avgPool(whole as tf.Tensor4D, 2, 2, "valid"), 4);
    };
    return {
      value: tf.image.resizeNearestNeighbor(x, [height, width]),
      gradFunc,
    };
  })(x) as tf.Tensor4D;
}
