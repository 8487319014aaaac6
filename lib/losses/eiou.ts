import * as tf from "@tensorflow/tfjs-core";
import { areaOf, BOX_EPSILON, sidesOf } from "../boxes/box_pair.ts";
import { splitHalves } from "../boxes/halves.ts";
import { maximumSplitTies, minimumSplitTies } from "../boxes/split_ties.ts";
import { withoutGradient } from "../nn/without_gradient.ts";
import { requireBoxLoss } from "./box_loss_guard.ts";

/** Where the parabola near 0 goes over into a line. */
const SMOOTH_POINT = 0.1;

/**
 * Smooth extended IoU loss of boxes in pairs: an IoU whose intersection goes on
 * below 0 where boxes lie apart, so that they attract each other, and a parabola
 * near the target, so that the gradient fades there.
 *
 * With d = 1 − I / (|A| + |B| − I + 1e-6),
 * L = d² / 0.2 if d < 0.1, d − 0.05 otherwise
 *
 * I is the area of A ∩ B; where boxes lie apart, minus the areas between them,
 * as the reference code's four products give it.
 *
 * Two losses are called EIoU. This is the extended IoU, MMDetection's; the
 * other, with penalties of width and height, is {@linkcode efficientIouLoss}.
 *
 * @param predicted [..., 4] as x1, y1, x2, y2, x1 ≤ x2 and y1 ≤ y2, any unit.
 * @param target Boxes of the shape and unit of `predicted`.
 * @returns [...], in [0, 1.95]; 0.95 for equal boxes without area. Gradients
 * reach both; ties are split as PyTorch's.
 * @throws {TypeError} If the shapes differ or do not end in 4.
 * @see Peng and Yu, A Systematic IoU-Related Method: Beyond Simplified
 * Regression for Better Localization, IEEE Transactions on Image Processing
 * 2021; MMDetection 3.3.0 `EIoULoss(eps=1e-6, smooth_point=0.1)`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { eiouLoss } from "ldlab/losses/eiou.ts";
 *
 * // IoU 1/2: on the line. IoU 19/20: d = 0.05, on the parabola.
 * const predicted = tf.tensor2d([[0, 0, 1, 2], [0, 0, 19, 20]]);
 * const target = tf.tensor2d([[0, 0, 2, 2], [0, 0, 20, 20]]);
 * const [line, parabola] = await eiouLoss(predicted, target).data();
 * assert.ok(Math.abs(line - 0.45) < 1e-6);
 * assert.ok(Math.abs(parabola - 0.05 ** 2 / 0.2) < 1e-6);
 * ```
 */
export function eiouLoss(predicted: tf.Tensor, target: tf.Tensor): tf.Tensor {
  requireBoxLoss("the EIoU loss", predicted, target);
  return tf.tidy(() => {
    const intersection = signedIntersection(predicted, target);
    const areas = tf.add(areaOf(sidesOf(predicted)), areaOf(sidesOf(target)));
    const union = tf.add(tf.sub(areas, intersection), BOX_EPSILON);
    const d = tf.sub(1, tf.div(intersection, union));
    const near = withoutGradient(() => tf.less(d, SMOOTH_POINT));
    return tf.where(
      near,
      tf.mul(tf.square(d), 0.5 / SMOOTH_POINT),
      tf.sub(d, 0.5 * SMOOTH_POINT),
    );
  });
}

/** [...], the area of the intersection, below 0 where boxes lie apart. */
function signedIntersection(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const [aLow, aHigh] = splitHalves(a); // [..., 2] each: x, y
  const [bLow, bHigh] = splitHalves(b);
  const corner = minimumSplitTies(aLow, bLow); // of the box around both
  const low = maximumSplitTies(aLow, bLow);
  const high = minimumSplitTies(aHigh, bHigh);
  const points = [
    low,
    high,
    minimumSplitTies(low, high),
    maximumSplitTies(low, high),
  ];
  const [from, to, least, most] = points.map((point) =>
    splitHalves(tf.sub(point, corner)) // [..., 1] each
  );
  const area = ([x]: tf.Tensor[], [, y]: tf.Tensor[]) => tf.mul(x, y);
  const signed = tf.sub(
    tf.add(area(to, to), area(least, least)),
    tf.add(area(from, most), area(most, from)),
  );
  return tf.squeeze(signed, [-1]);
}
