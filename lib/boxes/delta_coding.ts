/**
 * Boxes as deltas from anchors (moves of the centre in sizes of the anchor,
 * logarithms of the change of size), and back, as tensors.
 */
import * as tf from "@tensorflow/tfjs-core";
import { sidesOf } from "./box_pair.ts";
import { clipBoxes, type ImageSize } from "./clip_boxes.ts";
import { joinHalves, splitHalves } from "./halves.ts";
import { requireLastDimension, shapeError } from "./shape_guard.ts";

/** A width or height counts as at least this many pixels. */
const LEAST_SIDE = 1e-6;

/** Decoding changes no side by more than this factor, or its inverse. */
const LARGEST_CHANGE = 1000 / 16;

/** What dx, dy, dw and dh are divided by. */
export type Deviations = readonly [number, number, number, number];

/** Options of {@linkcode boxToDeltas}. */
export interface BoxToDeltasOptions {
  /**
   * σ, all above 0: how much each delta varies in the data. RetinaNet takes 1,
   * the head of Faster R-CNN 0.1, 0.1, 0.2 and 0.2.
   *
   * @default {[1, 1, 1, 1]}
   */
  deviations?: Deviations;
}

/** Options of {@linkcode deltasToBox}. */
export interface DeltasToBoxOptions extends BoxToDeltasOptions {
  /** Clips the boxes to an image of this size; they stay as they are without. */
  imageSize?: ImageSize;
}

/**
 * Encodes boxes as deltas from anchors. Use it to make the targets of
 * anchor-based detectors; the inverse is {@linkcode deltasToBox}.
 *
 * (dx, dy) = (c − c_a) / s_a / σ, (dw, dh) = log(s / s_a) / σ, c the centre and
 * s the width and height of the box, c_a and s_a the anchor's
 *
 * @param anchors [A, 4] as x1, y1, x2, y2, pixels.
 * @param boxes [..., A, 4] as x1, y1, x2, y2, pixels.
 * @param options The deviations.
 * @returns [..., A, 4] as dx, dy, dw, dh. A width or height below 1e-6 px, also
 * an anchor's, counts as 1e-6 px, where the reference code gives infinities.
 * @throws {TypeError} If the shapes do not fit together.
 * @throws {RangeError} If the deviations are not four numbers above 0.
 * @see Girshick et al., Rich Feature Hierarchies, CVPR 2014, appendix C;
 * MMDetection 3.3.0 `DeltaXYWHBBoxCoder` with means of 0
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { boxToDeltas } from "ldlab/boxes/delta_coding.ts";
 *
 * // Half a width to the right, and twice as high about the same y.
 * const anchors = tf.tensor2d([[0, 10, 20, 20]]);
 * const boxes = tf.tensor2d([[10, 5, 30, 25]]);
 * const [dx, dy, dw, dh] = await boxToDeltas(anchors, boxes).data();
 * assert.deepEqual([dx, dy, dw], [0.5, 0, 0]);
 * assert.ok(Math.abs(dh - Math.LN2) < 1e-6);
 * ```
 */
export function boxToDeltas(
  anchors: tf.Tensor2D,
  boxes: tf.Tensor,
  { deviations = [1, 1, 1, 1] }: BoxToDeltasOptions = {},
): tf.Tensor {
  const task = "encode boxes as deltas";
  requireAnchors(task, "boxes", anchors, boxes);
  requireDeviations(task, deviations);
  return tf.tidy(() => {
    const [anchorSides, sides] = [anchors, boxes].map((each) =>
      tf.maximum(sidesOf(each), LEAST_SIDE)
    );
    const moves = tf.sub(centersOf(boxes), centersOf(anchors));
    const deltas = joinHalves(
      tf.div(moves, anchorSides),
      tf.sub(tf.log(sides), tf.log(anchorSides)),
    );
    return tf.div(deltas, tf.tensor1d([...deviations]));
  });
}

/**
 * Decodes deltas from anchors into boxes. Use it on what an anchor-based
 * detector regresses; the inverse is {@linkcode boxToDeltas}.
 *
 * c = c_a + s_a (dx, dy) σ, s = s_a exp((dw, dh) σ), c the centre and s the
 * width and height of the box, c_a and s_a the anchor's; (dw, dh) σ is kept
 * within ± log(1000 / 16)
 *
 * @param anchors [A, 4] as x1, y1, x2, y2, pixels.
 * @param deltas [..., A, 4] as dx, dy, dw, dh, finite.
 * @param options The deviations, and the image to clip to.
 * @returns [..., A, 4] as x1, y1, x2, y2, pixels. What is clipped passes no
 * gradient.
 * @throws {TypeError} If the shapes do not fit together.
 * @throws {RangeError} If the deviations are not four numbers above 0 or the
 * image's size makes no sense.
 * @see Girshick et al., Rich Feature Hierarchies, CVPR 2014, appendix C;
 * MMDetection 3.3.0 `DeltaXYWHBBoxCoder` with means of 0 and
 * `wh_ratio_clip=16/1000`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { deltasToBox } from "ldlab/boxes/delta_coding.ts";
 *
 * const anchors = tf.tensor2d([[0, 10, 20, 20]]);
 * const deltas = tf.tensor2d([[0.5, 0, 0, 0]]);
 * const boxes = deltasToBox(anchors, deltas);
 * assert.deepEqual([...await boxes.data()], [10, 10, 30, 20]);
 * ```
 */
export function deltasToBox(
  anchors: tf.Tensor2D,
  deltas: tf.Tensor,
  { deviations = [1, 1, 1, 1], imageSize }: DeltasToBoxOptions = {},
): tf.Tensor {
  const task = "decode deltas as boxes";
  requireAnchors(task, "deltas", anchors, deltas);
  requireDeviations(task, deviations);
  return tf.tidy(() => {
    const scaled = tf.mul(deltas, tf.tensor1d([...deviations]));
    const [moves, growth] = splitHalves(scaled); // [..., A, 2] each
    const sides = sidesOf(anchors);
    const centers = tf.add(centersOf(anchors), tf.mul(sides, moves));
    const limit = Math.log(LARGEST_CHANGE);
    const change = tf.exp(tf.clipByValue(growth, -limit, limit));
    const reach = tf.mul(tf.mul(sides, change), 0.5);
    const boxes = joinHalves(tf.sub(centers, reach), tf.add(centers, reach));
    return imageSize ? clipBoxes(boxes, imageSize) : boxes;
  });
}

/** [..., 4] boxes to [..., 2]. */
function centersOf(boxes: tf.Tensor): tf.Tensor {
  const [low, high] = splitHalves(boxes);
  return tf.mul(tf.add(low, high), 0.5);
}

function requireAnchors(
  task: string,
  what: string,
  anchors: tf.Tensor,
  values: tf.Tensor,
): void {
  requireLastDimension(task, what, values, 4);
  const count = values.shape.at(-2);
  if (count === undefined) throw shapeError(task, what, "[..., A, 4]", values);
  if (
    anchors.rank !== 2 || anchors.shape[0] !== count || anchors.shape[1] !== 4
  ) {
    const expected = `[${count}, 4] as there are ${what}`;
    throw shapeError(task, "anchors", expected, anchors);
  }
}

function requireDeviations(task: string, deviations: Deviations): void {
  const good = deviations.length === 4 &&
    deviations.every((each) => each > 0 && Number.isFinite(each));
  if (good) return;
  throw new RangeError(
    `Cannot ${task}: deviations must be four finite numbers above 0: ` +
      `current values are ${deviations.join(", ")}`,
  );
}
