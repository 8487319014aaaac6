/**
 * What the measures of two boxes in order are made of, as tensors that carry
 * gradients: areas of intersection and union, the enclosing box, the centres.
 */
import * as tf from "@tensorflow/tfjs-core";
import { splitHalves } from "./halves.ts";
import { requireLastDimension, requireSameShape } from "./shape_guard.ts";
import { maximumSplitTies, minimumSplitTies } from "./split_ties.ts";

/** Keeps quotients finite for empty boxes, as in MMDetection. */
export const BOX_EPSILON = 1e-6;

/**
 * Refuses boxes that are no pairs.
 *
 * @param name The measure, as in "IoU".
 * @param a The first boxes, [..., 4].
 * @param b The second boxes, the shape of the first.
 * @throws {TypeError} If the shapes differ or do not end in 4.
 */
export function requireBoxPairs(
  name: string,
  a: tf.Tensor,
  b: tf.Tensor,
): void {
  requireLastDimension(`compute ${name}`, "boxes", a, 4);
  requireSameShape(`compute ${name}`, "second boxes", b, "the first", a);
}

/** Two boxes, put together. */
export interface PairOverlap {
  /** Area of A ∩ B, [...]. */
  intersection: tf.Tensor;
  /** Area of A ∪ B, [...]. */
  union: tf.Tensor;
  /** Width and height of the smallest box around both, [..., 2]. */
  enclosing: tf.Tensor;
}

/**
 * Puts boxes together in pairs.
 *
 * @param a Boxes [..., 4] as x1, y1, x2, y2, x1 ≤ x2 and y1 ≤ y2, any unit.
 * @param b Boxes of the shape and unit of `a`.
 * @returns Their areas and the box around them; ties are split as PyTorch's.
 */
export function pairOverlap(a: tf.Tensor, b: tf.Tensor): PairOverlap {
  const [aLow, aHigh] = splitHalves(a); // [..., 2] each
  const [bLow, bHigh] = splitHalves(b);
  const inner = tf.sub(
    minimumSplitTies(aHigh, bHigh),
    maximumSplitTies(aLow, bLow),
  );
  const enclosing = tf.sub(
    maximumSplitTies(aHigh, bHigh),
    minimumSplitTies(aLow, bLow),
  );
  // As PyTorch's clamp, tf.maximum passes the gradient where the side is just 0.
  const intersection = areaOf(tf.maximum(inner, 0));
  const areas = tf.add(areaOf(sidesOf(a)), areaOf(sidesOf(b)));
  return { intersection, union: tf.sub(areas, intersection), enclosing };
}

/**
 * Width and height of boxes.
 *
 * @param boxes [..., 4] as x1, y1, x2, y2.
 * @returns [..., 2], the unit of the boxes.
 */
export function sidesOf(boxes: tf.Tensor): tf.Tensor {
  const [low, high] = splitHalves(boxes);
  return tf.sub(high, low);
}

/**
 * Areas of boxes by their sides.
 *
 * @param sides Width and height, [..., 2].
 * @returns [...].
 */
export function areaOf(sides: tf.Tensor): tf.Tensor {
  const [width, height] = splitHalves(sides);
  return tf.squeeze(tf.mul(width, height), [-1]);
}

/**
 * How far apart the centres of boxes in pairs are, as a share of the box around
 * both.
 *
 * ρ² / (c² + 1e-6), ρ the distance of the centres, c the diagonal of the
 * smallest box around both
 *
 * @param a Boxes [..., 4] as x1, y1, x2, y2.
 * @param b Boxes of the shape and unit of `a`.
 * @param enclosing Sides of the box around both, [..., 2].
 * @returns [...], in [0, 1).
 */
export function centerDistance(
  a: tf.Tensor,
  b: tf.Tensor,
  enclosing: tf.Tensor,
): tf.Tensor {
  const [aLow, aHigh] = splitHalves(a);
  const [bLow, bHigh] = splitHalves(b);
  const apart = tf.sub(tf.add(bLow, bHigh), tf.add(aLow, aHigh));
  const distance = tf.mul(tf.sum(tf.square(apart), -1), 0.25);
  const diagonal = tf.sum(tf.square(enclosing), -1);
  return tf.div(distance, tf.add(diagonal, BOX_EPSILON));
}
