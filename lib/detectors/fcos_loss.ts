// B images, A points of all levels, C classes, n numbers a side.
import * as tf from "@tensorflow/tfjs-core";
import { giouLoss } from "../losses/giou.ts";
import { distancePairs } from "./box_pairs.ts";
import { centernessTargets } from "./centerness_targets.ts";
import type { CenternessOutputs } from "./dense_head.ts";
import {
  type CenternessLoss,
  sumOfCenterness,
  sumOfFocal,
  unlessNone,
} from "./dense_loss.ts";
import { positiveMask } from "./targets.ts";
import { type LossInputs, requireTargetsFit } from "./targets_guard.ts";

/**
 * Computes the losses that train a detector with {@linkcode fcosHead}, on the
 * targets of `assignFcos`. The total is focal + box + centerness.
 *
 * With c the centre-ness of a point in its box, P the positives and W = Σ_P c:
 *
 * focal = Σ focal loss(class logits) / N
 * box = Σ_P c · GIoU loss / D
 * centerness = Σ_P BCE(centre-ness logits, c) / N
 *
 * N is the number of positives of the batch, at least 1. D is max(W, 1e-6) for
 * distances, as in MMDetection, and W, or 1 if there are no positives, for
 * distributions, as in the LD repository. Everything is dense: a point that takes
 * no part has weight 0, and harmless values take the place of its box first.
 *
 * @param inputs.outputs Class logits [B, A, C], boxes [B, A, 4, n], distances in
 * strides if n is 1, else logits of them, and centre-ness logits [B, A].
 * @param inputs.targets What each point is to learn. The reference code lets
 * points in padding learn background, as they do without label weights.
 * @param inputs.anchors The points: anchors with a centre offset of 0.5.
 * @returns The losses and the number of positives.
 * @throws {TypeError} If a shape does not fit the anchors.
 * @see Tian et al., "FCOS", ICCV 2019, equations 2 and 3; MMDetection 3.3.0
 * `FCOSHead.loss_by_feat`, with `norm_on_bbox` and GIoU; `FCOSGFLHead.loss` of the
 * LD repository, which has no distribution focal loss.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { fcosLoss } from "ldlab/detectors/fcos_loss.ts";
 *
 * // One point, (4, 4), which is to learn a stride to each side, and does.
 * const anchors = makeAnchors({ height: 8, width: 8, strides: [8], centerOffset: 0.5 });
 * const { box, centerness } = fcosLoss({
 *   anchors,
 *   outputs: { classLogits: tf.zeros([1, 1, 1]), boxLogits: tf.ones([1, 1, 4, 1]), centerness: tf.zeros([1, 1]) },
 *   targets: { labels: tf.zeros([1, 1], "int32"), boxTargets: tf.tensor3d([-4, -4, 12, 12], [1, 1, 4]) },
 * });
 * assert.deepEqual([...await box.data()], [0]);
 * assert.ok(Math.abs((await centerness.data())[0] - Math.LN2) < 1e-6);
 * ```
 */
export function fcosLoss(
  { outputs, targets, anchors }: LossInputs<CenternessOutputs>,
): CenternessLoss {
  requireTargetsFit("compute the FCOS losses", { outputs, targets, anchors });
  const { classLogits, boxLogits, centerness } = outputs;
  const { labels, boxTargets } = targets;
  return tf.tidy(() => {
    const positive = positiveMask(labels, classLogits.shape[2]);
    const positives = tf.sum<tf.Scalar>(positive);
    const number = tf.maximum<tf.Scalar>(positives, 1);
    const truth = centernessTargets(anchors, boxTargets, positive);
    const boxes = distancePairs({ boxLogits, boxTargets, positive, anchors });
    const weight = tf.sum(truth);
    const giou = tf.sum(tf.mul(giouLoss(boxes.predicted, boxes.truth), truth));
    const plain = boxLogits.shape[3] === 1;
    return {
      focal: tf.div<tf.Scalar>(sumOfFocal(outputs, targets), number),
      box: tf.div<tf.Scalar>(
        giou,
        plain ? tf.maximum(weight, 1e-6) : unlessNone(weight),
      ),
      centerness: tf.div<tf.Scalar>(
        sumOfCenterness(centerness, truth, positive),
        number,
      ),
      positives,
    };
  });
}
