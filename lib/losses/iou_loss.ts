import * as tf from "@tensorflow/tfjs-core";
import { alignedIou } from "../boxes/iou.ts";
import { requireBoxLoss } from "./box_loss_guard.ts";

/** The IoU that stands for any smaller one, so that its logarithm is finite. */
const LEAST_IOU = 1e-6;

/** Options of {@linkcode iouLoss}. */
export interface IouLossOptions {
  /**
   * What is made of the IoU: `"log"` −log IoU, as UnitBox and FCOS have it,
   * `"linear"` 1 − IoU, `"square"` 1 − IoU².
   *
   * @default {"log"}
   */
  form?: "log" | "linear" | "square";
}

/**
 * IoU loss of boxes in pairs. Use it where predicted and true box overlap from
 * the start, as inside FCOS's points; boxes apart get no gradient, for that see
 * {@linkcode giouLoss}.
 *
 * L = −log IoU, 1 − IoU or 1 − IoU², the IoU at least 1e-6
 *
 * @param predicted [..., 4] as x1, y1, x2, y2, x1 ≤ x2 and y1 ≤ y2, any unit.
 * @param target Boxes of the shape and unit of `predicted`.
 * @param options The form.
 * @returns [...], at least 0: up to 13.8 for `"log"`, up to 1 for the others,
 * also for equal boxes without area. Gradients reach both; ties are split as
 * PyTorch's.
 * @throws {TypeError} If the shapes differ or do not end in 4.
 * @throws {RangeError} If the form is none of the three.
 * @see Yu et al., UnitBox, ACM MM 2016, equation 3; MMDetection 3.3.0
 * `IoULoss(eps=1e-6)`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { iouLoss } from "ldlab/losses/iou_loss.ts";
 *
 * // Half of the target is covered, and nothing else: IoU 1/2.
 * const predicted = tf.tensor2d([[0, 0, 1, 2]]);
 * const target = tf.tensor2d([[0, 0, 2, 2]]);
 * const [log] = await iouLoss(predicted, target).data();
 * const [square] = await iouLoss(predicted, target, { form: "square" }).data();
 * assert.ok(Math.abs(log - Math.LN2) < 1e-6 && square === 0.75);
 * ```
 */
export function iouLoss(
  predicted: tf.Tensor,
  target: tf.Tensor,
  { form = "log" }: IouLossOptions = {},
): tf.Tensor {
  requireBoxLoss("the IoU loss", predicted, target);
  if (form !== "log" && form !== "linear" && form !== "square") {
    throw new RangeError(
      'Cannot compute the IoU loss: form must be "log", "linear" or "square": ' +
        `current value is "${form}"`,
    );
  }
  return tf.tidy(() => {
    const iou = tf.maximum(alignedIou(predicted, target), LEAST_IOU);
    if (form === "log") return tf.neg(tf.log(iou));
    return tf.sub(1, form === "linear" ? iou : tf.square(iou));
  });
}
