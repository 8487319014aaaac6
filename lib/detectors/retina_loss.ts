// B images, A anchors of all levels, C classes, n numbers a side.
import * as tf from "@tensorflow/tfjs-core";
import { boxToDeltas } from "../boxes/delta_coding.ts";
import { giouLoss } from "../losses/giou.ts";
import { smoothL1 } from "../losses/smooth_l1.ts";
import { distancePairs, trueBoxes } from "./box_pairs.ts";
import type { HeadOutputs } from "./dense_head.ts";
import { type DenseLoss, sumOfFocal } from "./dense_loss.ts";
import { positiveMask } from "./targets.ts";
import { type LossInputs, requireTargetsFit } from "./targets_guard.ts";

/**
 * Computes the losses that train a detector with {@linkcode retinaHead}, on the
 * targets of `assignMaxIou`. The total is focal + box.
 *
 * With P the positives:
 *
 * focal = Σ focal loss(class logits) / N
 * box = Σ_P Σ over four |delta − true delta| / N for deltas,
 * box = 2 · Σ_P GIoU loss / N for distributions
 *
 * N is the number of positives, an image counting at least 1. Everything is dense:
 * an anchor that takes no part has weight 0, and harmless values take the place of
 * its box first.
 *
 * @param inputs.outputs Class logits [B, A, C] and boxes [B, A, 4, n], deltas if n
 * is 1, else logits of distances in strides from the anchor's centre.
 * @param inputs.targets What each anchor is to learn; label weights are 0 for
 * anchors that are neither positive nor background.
 * @param inputs.anchors The anchors of the input's size.
 * @returns The losses and the number of positives.
 * @throws {TypeError} If a shape does not fit the anchors.
 * @see Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017, section 4;
 * MMDetection 3.3.0 `AnchorHead.loss_by_feat` with RetinaNet's L1 loss, where the
 * paper has smooth L1; `RetinaGFLHead.loss` of the LD repository, which has no
 * distribution focal loss.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { retinaLoss } from "ldlab/detectors/retina_loss.ts";
 *
 * // The true box lies half a width to the right of the anchor, 32 × 32 pixels.
 * const anchors = makeAnchors({ height: 8, width: 8, strides: [8], scale: 4 });
 * const { box } = retinaLoss({
 *   anchors,
 *   outputs: { classLogits: tf.zeros([1, 1, 1]), boxLogits: tf.zeros([1, 1, 4, 1]) },
 *   targets: { labels: tf.zeros([1, 1], "int32"), boxTargets: tf.tensor3d([0, -16, 32, 16], [1, 1, 4]) },
 * });
 * assert.deepEqual([...await box.data()], [0.5]);
 * ```
 */
export function retinaLoss(
  { outputs, targets, anchors }: LossInputs<HeadOutputs>,
): DenseLoss {
  requireTargetsFit("compute the RetinaNet losses", {
    outputs,
    targets,
    anchors,
  });
  const { classLogits, boxLogits } = outputs;
  const { labels, boxTargets } = targets;
  return tf.tidy(() => {
    const positive = positiveMask(labels, classLogits.shape[2]);
    const perImage = tf.sum(positive, 1); // [B]
    // An empty batch counts 1, too.
    const number = tf.maximum(tf.sum(tf.maximum(perImage, 1)), 1);
    const l1 = () => {
      const { boxes, truth } = trueBoxes({ boxTargets, positive, anchors });
      const trueDeltas = boxToDeltas(boxes, truth);
      const deltas = tf.squeeze(boxLogits, [-1]);
      return tf.sum(smoothL1(deltas, trueDeltas, { beta: 0 }), -1); // [B, A]
    };
    const giou = () => {
      const inputs = { boxLogits, boxTargets, positive, anchors };
      const { predicted, truth } = distancePairs(inputs);
      return tf.mul(giouLoss(predicted, truth), 2); // [B, A]
    };
    const losses = boxLogits.shape[3] === 1 ? l1() : giou();
    return {
      focal: tf.div<tf.Scalar>(sumOfFocal(outputs, targets), number),
      box: tf.div<tf.Scalar>(tf.sum(tf.mul(losses, positive)), number),
      positives: tf.sum<tf.Scalar>(perImage),
    };
  });
}
