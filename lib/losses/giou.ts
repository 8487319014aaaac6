import * as tf from "@tensorflow/tfjs-core";
import { alignedGiou } from "../boxes/iou.ts";
import { requireBoxLoss } from "./box_loss_guard.ts";

/**
 * Generalized IoU loss of boxes in pairs. The regression loss of dense
 * detectors on positive locations; unlike an IoU loss it moves boxes that lie
 * apart.
 *
 * L = 1 − GIoU(predicted, target)
 *
 * @param predicted [..., 4] as x1, y1, x2, y2, x1 ≤ x2 and y1 ≤ y2, any unit.
 * @param target Boxes of the shape and unit of `predicted`.
 * @returns [...], in [0, 2). Gradients reach both; ties are split as PyTorch's.
 * @throws {TypeError} If the shapes differ or do not end in 4.
 * @see Rezatofighi et al., Generalized Intersection over Union, CVPR 2019,
 * section 3.2; MMDetection 3.3.0 `GIoULoss(eps=1e-6)`, weight 2 in GFL
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { giouLoss } from "ldlab/losses/giou.ts";
 *
 * // Equal boxes, and two unit squares one apart (a third of the hull is bare).
 * const predicted = tf.tensor2d([[0, 0, 1, 1], [0, 0, 1, 1]]);
 * const target = tf.tensor2d([[0, 0, 1, 1], [2, 0, 3, 1]]);
 * const [same, apart] = await giouLoss(predicted, target).data();
 * assert.ok(same === 0 && Math.abs(apart - 4 / 3) < 1e-6);
 * ```
 */
export function giouLoss(predicted: tf.Tensor, target: tf.Tensor): tf.Tensor {
  requireBoxLoss("the GIoU loss", predicted, target);
  return tf.tidy(() => tf.sub(1, alignedGiou(predicted, target)));
}
