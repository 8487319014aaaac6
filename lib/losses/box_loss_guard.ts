import type * as tf from "@tensorflow/tfjs-core";
import {
  requireLastDimension,
  requireSameShape,
} from "../boxes/shape_guard.ts";

/**
 * Refuses predicted and target boxes that are no pairs.
 *
 * @param name The loss, as in "the IoU loss".
 * @param predicted The predicted boxes, [..., 4].
 * @param target The target boxes, the shape of the predicted.
 * @throws {TypeError} If the shapes differ or do not end in 4.
 */
export function requireBoxLoss(
  name: string,
  predicted: tf.Tensor,
  target: tf.Tensor,
): void {
  const task = `compute ${name}`;
  requireLastDimension(task, "predicted boxes", predicted, 4);
  requireSameShape(task, "target boxes", target, "the predicted", predicted);
}
