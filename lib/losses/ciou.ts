import * as tf from "@tensorflow/tfjs-core";
import {
  BOX_EPSILON,
  centerDistance,
  pairOverlap,
  sidesOf,
} from "../boxes/box_pair.ts";
import { splitHalves } from "../boxes/halves.ts";
import { withoutGradient } from "../nn/without_gradient.ts";
import { requireBoxLoss } from "./box_loss_guard.ts";

/**
 * Complete IoU loss of boxes in pairs: the distance IoU loss, and a pull towards
 * the target's aspect ratio once the boxes overlap by more than half. What the
 * released localization distillation trains with on VOC, weight 2.
 *
 * L = 1 − IoU + ρ² / c² + α v
 *
 * v = 4 / π² (atan(w_t / h_t) − atan(w_p / h_p))²,
 * α = v / (1 − IoU + v) where IoU > ½, else 0; no gradient passes through α
 *
 * ρ is the distance of the centres, c the diagonal of the smallest box around
 * both. 1e-6 is added to |A ∪ B|, c² and both heights.
 *
 * @param predicted [..., 4] as x1, y1, x2, y2, x1 ≤ x2 and y1 ≤ y2, any unit.
 * @param target Boxes of the shape and unit of `predicted`.
 * @returns [...], at least 0; 1 for equal boxes without area. Gradients reach
 * both; ties are split as PyTorch's.
 * @throws {TypeError} If the shapes differ or do not end in 4.
 * @see Zheng et al., Enhancing Geometric Factors in Model Learning and Inference
 * for Object Detection and Instance Segmentation, IEEE Transactions on
 * Cybernetics 2021, equations 9 to 11; MMDetection 3.3.0
 * `CIoULoss(eps=1e-6)`, which gives NaN for equal boxes, where α = 0 / 0: here
 * α is 0 there, and so is the loss
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { ciouLoss } from "ldlab/losses/ciou.ts";
 *
 * // Equal boxes; and two of IoU 1/4, where the aspect does not count yet.
 * const predicted = tf.tensor2d([[0, 0, 4, 2], [0, 0, 1, 4]]);
 * const target = tf.tensor2d([[0, 0, 4, 2], [0, 0, 4, 4]]);
 * const [same, narrow] = await ciouLoss(predicted, target).data();
 * // ρ² = 1.5², c² = 4² + 4².
 * assert.ok(same < 1e-6 && Math.abs(narrow - (0.75 + 2.25 / 32)) < 1e-6);
 * ```
 */
export function ciouLoss(predicted: tf.Tensor, target: tf.Tensor): tf.Tensor {
  requireBoxLoss("the CIoU loss", predicted, target);
  return tf.tidy(() => {
    const { intersection, union, enclosing } = pairOverlap(predicted, target);
    const bare = tf.sub(1, tf.div(intersection, tf.add(union, BOX_EPSILON)));
    const turn = tf.sub(aspectAngle(target), aspectAngle(predicted));
    const v = tf.mul(tf.square(turn), 4 / Math.PI ** 2);
    const alpha = withoutGradient(() => {
      const counts = tf.logicalAnd(
        tf.less(bare, 0.5),
        tf.greater(tf.add(bare, v), 0),
      );
      const divisor = tf.where(counts, tf.add(bare, v), tf.onesLike(v));
      return tf.where(counts, tf.div(v, divisor), tf.zerosLike(v));
    });
    const distance = centerDistance(predicted, target, enclosing);
    return tf.add(tf.add(bare, distance), tf.mul(alpha, v));
  });
}

/** [..., 4] boxes to [...] atan(width / height), in [0, π / 2]. */
function aspectAngle(boxes: tf.Tensor): tf.Tensor {
  const [width, height] = splitHalves(sidesOf(boxes));
  const angle = tf.atan2(width, tf.add(height, BOX_EPSILON));
  return tf.squeeze(angle, [-1]);
}
