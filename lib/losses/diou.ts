import * as tf from "@tensorflow/tfjs-core";
import { alignedDiou } from "../boxes/iou.ts";
import { requireBoxLoss } from "./box_loss_guard.ts";

/**
 * Distance IoU loss of boxes in pairs. Moves a box straight to its target's
 * centre, also from afar, and converges faster than GIoU.
 *
 * L = 1 − IoU + ρ² / c², ρ the distance of the centres, c the diagonal of the
 * smallest box around both; 1e-6 is added to |A ∪ B| and c².
 *
 * @param predicted [..., 4] as x1, y1, x2, y2, x1 ≤ x2 and y1 ≤ y2, any unit.
 * @param target Boxes of the shape and unit of `predicted`.
 * @returns [...], in [0, 2); 1 for equal boxes without area. Gradients reach
 * both; ties are split as PyTorch's.
 * @throws {TypeError} If the shapes differ or do not end in 4.
 * @see Zheng et al., Distance-IoU Loss, AAAI 2020, equation 7; MMDetection
 * 3.3.0 `DIoULoss(eps=1e-6)`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { diouLoss } from "ldlab/losses/diou.ts";
 *
 * // Two unit squares one apart: ρ² = 4, c² = 3² + 1².
 * const predicted = tf.tensor2d([[0, 0, 1, 1]]);
 * const target = tf.tensor2d([[2, 0, 3, 1]]);
 * const [loss] = await diouLoss(predicted, target).data();
 * assert.ok(Math.abs(loss - 1.4) < 1e-6);
 * ```
 */
export function diouLoss(predicted: tf.Tensor, target: tf.Tensor): tf.Tensor {
  requireBoxLoss("the DIoU loss", predicted, target);
  return tf.tidy(() => tf.sub(1, alignedDiou(predicted, target)));
}
