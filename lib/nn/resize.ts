import * as tf from "@tensorflow/tfjs-core";

/**
 * Enlarges a feature map to a given size by repeating its nearest cells: the
 * top-down path of a feature pyramid, where a level of odd size is not exactly
 * half of the finer one.
 *
 * y[i,j] = x[⌊i·h/H⌋, ⌊j·w/W⌋]
 *
 * @param x [B, h, w, C].
 * @param size [H, W], each at least h and w.
 * @returns [B, H, W, C].
 * @see PyTorch: `F.interpolate(x, size=(H, W), mode="nearest")`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { enlarge } from "ldlab/nn/resize.ts";
 *
 * const y = enlarge(tf.tensor4d([1, 2], [1, 1, 2, 1]), [1, 3]);
 * assert.deepEqual([...await y.data()], [1, 1, 2]);
 * ```
 */
export function enlarge(x: tf.Tensor4D, size: [number, number]): tf.Tensor4D {
  return tf.image.resizeNearestNeighbor(x, size);
}
