// B images, A locations of all levels, C classes.
import * as tf from "@tensorflow/tfjs-core";

/** What each location of a batch is to learn; made from ground truth alone. */
export interface Targets {
  /** int32 [B, A]: the class of a positive, C for background. */
  readonly labels: tf.Tensor2D;
  /** [B, A, 4]: the box of a positive, x1, y1, x2, y2 in input pixels. */
  readonly boxTargets: tf.Tensor3D;
  /** [B, A]: 0 for locations in padding, else 1. All 1 if not given. */
  readonly labelWeights?: tf.Tensor2D;
}

/**
 * Marks the positives: the main region.
 *
 * @param labels int32 [B, A].
 * @param numClasses C, the label of background.
 * @returns [B, A]: 1 where there is a class, 0 on background.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { positiveMask } from "ldlab/detectors/targets.ts";
 *
 * const mask = positiveMask(tf.tensor2d([[0, 3, 2]], [1, 3], "int32"), 3);
 * assert.deepEqual([...await mask.data()], [1, 0, 1]);
 * ```
 */
export function positiveMask(
  labels: tf.Tensor2D,
  numClasses: number,
): tf.Tensor2D {
  return tf.cast(tf.less(labels, tf.scalar(numClasses, "int32")), "float32");
}

/**
 * Makes the classes' targets of sigmoid losses: one-hot rows, zeros on background.
 *
 * @param labels int32 [B, A].
 * @param numClasses C, the label of background.
 * @returns [B, A, C], 0 or 1.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { classTargets } from "ldlab/detectors/targets.ts";
 *
 * const rows = classTargets(tf.tensor2d([[1, 2]], [1, 2], "int32"), 2);
 * assert.deepEqual([...await rows.data()], [0, 1, 0, 0]);
 * ```
 */
export function classTargets(
  labels: tf.Tensor2D,
  numClasses: number,
): tf.Tensor3D {
  // tf.oneHot refuses a single class.
  const classes = tf.range(0, numClasses, 1, "int32");
  return tf.cast(tf.equal(tf.expandDims(labels, -1), classes), "float32");
}
