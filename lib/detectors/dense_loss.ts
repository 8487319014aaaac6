// B images, A locations or anchors of all levels.
import * as tf from "@tensorflow/tfjs-core";
import { binaryCrossEntropy } from "../losses/binary_cross_entropy.ts";
import { focalLoss } from "../losses/focal.ts";
import type { HeadOutputs } from "./dense_head.ts";
import { classTargets, type Targets } from "./targets.ts";

/** The losses of a detector with focal loss, weighted and summed over the batch. */
export interface DenseLoss {
  /** Focal loss of the classes, scalar. */
  readonly focal: tf.Scalar;
  /** Loss of the boxes, scalar. */
  readonly box: tf.Scalar;
  /** How many locations of the batch have a box, scalar. */
  readonly positives: tf.Scalar;
}

/** The losses of a detector that also learns centre-ness. */
export interface CenternessLoss extends DenseLoss {
  /** Binary cross-entropy of the centre-ness, scalar. */
  readonly centerness: tf.Scalar;
}

/**
 * Sums the focal loss of a batch's class logits.
 *
 * @param outputs Class logits [B, A, C].
 * @param targets Labels, and weights of those that do not all count.
 * @returns The sum, scalar; the caller divides it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { sumOfFocal } from "ldlab/detectors/dense_loss.ts";
 *
 * const labels = tf.tensor2d([0, 1], [1, 2], "int32"); // a positive, background
 * const classLogits = tf.zeros<tf.Rank.R3>([1, 2, 1]);
 * const [sum] = await sumOfFocal({ classLogits }, { labels }).data();
 * assert.ok(Math.abs(sum - Math.LN2 / 4) < 1e-6); // (1/4 + 3/4) (1/2)² log 2
 * ```
 */
export function sumOfFocal(
  { classLogits }: Pick<HeadOutputs, "classLogits">,
  { labels, labelWeights }: Pick<Targets, "labels" | "labelWeights">,
): tf.Scalar {
  const truth = classTargets(labels, classLogits.shape[2]);
  const perLocation = tf.sum(focalLoss(classLogits, truth), -1); // [B, A]
  return tf.sum(
    labelWeights ? tf.mul(perLocation, labelWeights) : perLocation,
  );
}

/**
 * Sums the loss of centre-ness over a batch's positives.
 *
 * @param logits [B, A].
 * @param truth [B, A], in [0, 1].
 * @param positive [B, A]: 1 where there is a box, else 0.
 * @returns The sum, scalar; the caller divides it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { sumOfCenterness } from "ldlab/detectors/dense_loss.ts";
 *
 * const logits = tf.zeros<tf.Rank.R2>([1, 2]);
 * const sum = sumOfCenterness(logits, tf.ones([1, 2]), tf.tensor2d([[1, 0]]));
 * assert.ok(Math.abs((await sum.data())[0] - Math.LN2) < 1e-6);
 * ```
 */
export function sumOfCenterness(
  logits: tf.Tensor2D,
  truth: tf.Tensor2D,
  positive: tf.Tensor2D,
): tf.Scalar {
  return tf.sum(tf.mul(binaryCrossEntropy(logits, truth), positive));
}

/**
 * What a sum of centre-ness becomes before it divides in the LD repository: itself,
 * or 1 where there is none.
 *
 * @param sum W, scalar, at least 0.
 * @returns Scalar, above 0.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { unlessNone } from "ldlab/detectors/dense_loss.ts";
 *
 * assert.deepEqual([...await unlessNone(tf.scalar(0)).data()], [1]);
 * assert.deepEqual([...await unlessNone(tf.scalar(0.5)).data()], [0.5]);
 * ```
 */
export function unlessNone(sum: tf.Tensor): tf.Tensor {
  return tf.where(tf.less(sum, 1e-12), 1, sum);
}
