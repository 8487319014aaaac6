// B images, A locations of all levels, n numbers a side.
import * as tf from "@tensorflow/tfjs-core";
import type { Anchors } from "../boxes/anchors.ts";
import { deltasToBox, type DeltasToBoxOptions } from "../boxes/delta_coding.ts";
import { integral } from "../boxes/distribution.ts";
import { localFrame } from "./local_frame.ts";

/** The box that each location predicts, and the one that it is to predict. */
export interface BoxPairs {
  /** [B, A, 4] as x1, y1, x2, y2. */
  readonly predicted: tf.Tensor;
  /** [B, A, 4] as x1, y1, x2, y2, in the unit of `predicted`. */
  readonly truth: tf.Tensor;
}

/** What pairs of boxes are made from. */
interface PairInputs {
  /** [B, A, 4, n]. */
  readonly boxLogits: tf.Tensor4D;
  /** [B, A, 4] as x1, y1, x2, y2, pixels. */
  readonly boxTargets: tf.Tensor3D;
  /** [B, A]: 1 where there is a box, else 0. */
  readonly positive: tf.Tensor2D;
  /** The anchors of the input's size. */
  readonly anchors: Anchors;
}

/**
 * Pairs boxes told as distances in strides, distributions of them if n > 1, with
 * the true ones: in strides around each location, where float32 loses least.
 *
 * @param inputs Box logits, true boxes, who has one, anchors.
 * @returns The pairs; a harmless box takes the place of a true one that is not
 * there.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { distancePairs } from "ldlab/detectors/box_pairs.ts";
 *
 * const { predicted, truth } = distancePairs({
 *   anchors: makeAnchors({ height: 8, width: 8, strides: [8] }),
 *   boxLogits: tf.zeros([1, 1, 4, 3]), // every distance one stride
 *   boxTargets: tf.tensor3d([-4, -8, 8, 16], [1, 1, 4]),
 *   positive: tf.ones([1, 1]),
 * });
 * const near = [...await predicted.data()].map(Math.round);
 * assert.deepEqual(near, [-1, -1, 1, 1]);
 * assert.deepEqual([...await truth.data()], [-0.5, -1, 1, 2]);
 * ```
 */
export function distancePairs(
  { boxLogits, boxTargets, positive, anchors }: PairInputs,
): BoxPairs {
  const frame = localFrame(anchors);
  const distances = boxLogits.shape[3] === 1
    ? tf.squeeze(boxLogits, [-1])
    : integral(boxLogits);
  const trueDistances = tf.where(
    tf.cast(tf.expandDims(positive, -1), "bool"),
    tf.div(tf.sub(boxTargets, frame.origins), frame.strides),
    1,
  );
  return {
    predicted: tf.mul(distances, frame.outward),
    truth: tf.mul(trueDistances, frame.outward),
  };
}

/**
 * Pairs boxes told as deltas from anchors with the true ones, in pixels.
 *
 * @param inputs Deltas [B, A, 4, 1], true boxes, who has one, anchors.
 * @param options The deviations of the deltas.
 * @returns The pairs; where there is no true box, both are the anchor.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { deltaPairs } from "ldlab/detectors/box_pairs.ts";
 *
 * const { predicted, truth } = deltaPairs({
 *   anchors: makeAnchors({ height: 8, width: 8, strides: [8] }), // 64 pixels wide
 *   boxLogits: tf.tensor4d([0.5, 0, 0, 0], [1, 1, 4, 1]),
 *   boxTargets: tf.tensor3d([-4, -8, 8, 16], [1, 1, 4]),
 *   positive: tf.ones([1, 1]),
 * });
 * assert.deepEqual([...await predicted.data()], [0, -32, 64, 32]);
 * assert.deepEqual([...await truth.data()], [-4, -8, 8, 16]);
 * ```
 */
export function deltaPairs(
  { boxLogits, boxTargets, positive, anchors }: PairInputs,
  { deviations }: Pick<DeltasToBoxOptions, "deviations"> = {},
): BoxPairs {
  const { boxes, truth } = trueBoxes({ boxTargets, positive, anchors });
  const here = tf.cast(tf.expandDims(positive, -1), "bool");
  const deltas = tf.where(here, tf.squeeze(boxLogits, [-1]), 0);
  return { predicted: deltasToBox(boxes, deltas, { deviations }), truth };
}

/**
 * Takes the true boxes, and the anchors where there is none.
 *
 * @param inputs True boxes, who has one, anchors.
 * @returns The anchors `boxes` [A, 4] and `truth` [B, A, 4], pixels.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { trueBoxes } from "ldlab/detectors/box_pairs.ts";
 *
 * const { truth } = trueBoxes({
 *   anchors: makeAnchors({ height: 8, width: 8, strides: [8] }),
 *   boxTargets: tf.zeros([1, 1, 4]),
 *   positive: tf.zeros([1, 1]),
 * });
 * assert.deepEqual([...await truth.data()], [-32, -32, 32, 32]);
 * ```
 */
export function trueBoxes(
  { boxTargets, positive, anchors }: Omit<PairInputs, "boxLogits">,
): { boxes: tf.Tensor2D; truth: tf.Tensor3D } {
  const boxes = tf.tensor2d(anchors.boxes, [anchors.count, 4]);
  const here = tf.cast(tf.expandDims(positive, -1), "bool");
  // tf.where cannot broadcast over an empty batch, tf.add can.
  const everywhere = tf.add<tf.Tensor3D>(tf.zerosLike(boxTargets), boxes);
  return { boxes, truth: tf.where(here, boxTargets, everywhere) };
}
