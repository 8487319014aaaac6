import * as tf from "@tensorflow/tfjs-core";
import {
  BOX_EPSILON,
  centerDistance,
  pairOverlap,
  sidesOf,
} from "../boxes/box_pair.ts";
import { requireBoxLoss } from "./box_loss_guard.ts";

/**
 * Efficient IoU loss of boxes in pairs: the distance IoU loss, and penalties of
 * wrong width and height. Unlike {@linkcode ciouLoss}'s aspect ratio they tell a
 * box that is too large from one that is too small.
 *
 * L = 1 − IoU + ρ² / c² + (w_p − w_t)² / W² + (h_p − h_t)² / H²
 *
 * W and H are the sides of the smallest box around both, c its diagonal, ρ the
 * distance of the centres. To keep empty boxes finite, 1e-6 is added to |A ∪ B|,
 * c², W² and H²: our choice, after {@linkcode diouLoss}.
 *
 * @param predicted [..., 4] as x1, y1, x2, y2, x1 ≤ x2 and y1 ≤ y2, any unit.
 * @param target Boxes of the shape and unit of `predicted`.
 * @returns [...], in [0, 4); 1 for equal boxes without area. Gradients reach
 * both; ties are split as PyTorch's.
 * @throws {TypeError} If the shapes differ or do not end in 4.
 * @see Zhang et al., Focal and Efficient IOU Loss for Accurate Bounding Box
 * Regression, Neurocomputing 2022, equation 6. MMDetection's `EIoULoss` is
 * {@linkcode eiouLoss}.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { efficientIouLoss } from "ldlab/losses/efficient_iou.ts";
 *
 * // IoU 1/2; centres 1 apart, c² = 4² + 2²; width 2 for 4, height as it should.
 * const predicted = tf.tensor2d([[0, 0, 2, 2]]);
 * const target = tf.tensor2d([[0, 0, 4, 2]]);
 * const [loss] = await efficientIouLoss(predicted, target).data();
 * assert.ok(Math.abs(loss - (1 / 2 + 1 / 20 + 4 / 16)) < 1e-6);
 * ```
 */
export function efficientIouLoss(
  predicted: tf.Tensor,
  target: tf.Tensor,
): tf.Tensor {
  requireBoxLoss("the efficient IoU loss", predicted, target);
  return tf.tidy(() => {
    const { intersection, union, enclosing } = pairOverlap(predicted, target);
    const iou = tf.div(intersection, tf.add(union, BOX_EPSILON));
    const resized = tf.square(tf.sub(sidesOf(predicted), sidesOf(target)));
    const sides = tf.add(tf.square(enclosing), BOX_EPSILON); // W², H²
    return tf.add(
      tf.sub(centerDistance(predicted, target, enclosing), tf.sub(iou, 1)),
      tf.sum(tf.div(resized, sides), -1),
    );
  });
}
