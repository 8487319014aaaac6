// B images, A locations of all levels, C classes, n numbers a side.
import * as tf from "@tensorflow/tfjs-core";
import { giouLoss } from "../losses/giou.ts";
import { ATSS_DEVIATIONS } from "./box_form.ts";
import { deltaPairs, distancePairs } from "./box_pairs.ts";
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
 * Computes the losses that train a detector with {@linkcode atssHead}, on the
 * targets of `assignAtss`. The total is focal + box + centerness.
 *
 * With c the centre-ness of a location in its box, P the positives and W = Σ_P c:
 *
 * focal = Σ focal loss(class logits) / N
 * box = 2 · Σ_P c · GIoU loss / D
 * centerness = Σ_P BCE(centre-ness logits, c) / N
 *
 * N is the number of positives, an image counting at least 1. D is max(W, 1) for
 * deltas, as in MMDetection, and W, or 1 if there are no positives, for
 * distributions, as in the LD repository. Everything is dense: a location that
 * takes no part has weight 0, and harmless values take the place of its box first.
 *
 * @param inputs.outputs Class logits [B, A, C], boxes [B, A, 4, n], deltas if n is
 * 1, else logits of distances, and centre-ness logits [B, A].
 * @param inputs.targets What each location is to learn.
 * @param inputs.anchors The anchors of the input's size.
 * @returns The losses and the number of positives.
 * @throws {TypeError} If a shape does not fit the anchors.
 * @see Zhang et al., "Bridging the Gap Between Anchor-based and Anchor-free
 * Detection via Adaptive Training Sample Selection", CVPR 2020; MMDetection 3.3.0
 * `ATSSHead.loss_by_feat`; `ATSSGFLHead.loss` of the LD repository, which has no
 * distribution focal loss.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { atssLoss } from "ldlab/detectors/atss_loss.ts";
 *
 * // The one anchor, a box of 64 × 64 pixels, is what it is to learn.
 * const anchors = makeAnchors({ height: 8, width: 8, strides: [8] });
 * const { box, centerness } = atssLoss({
 *   anchors,
 *   outputs: { classLogits: tf.zeros([1, 1, 1]), boxLogits: tf.zeros([1, 1, 4, 1]), centerness: tf.zeros([1, 1]) },
 *   targets: { labels: tf.zeros([1, 1], "int32"), boxTargets: tf.tensor3d([-32, -32, 32, 32], [1, 1, 4]) },
 * });
 * assert.deepEqual([...await box.data()], [0]);
 * assert.ok(Math.abs((await centerness.data())[0] - Math.LN2) < 1e-6);
 * ```
 */
export function atssLoss(
  { outputs, targets, anchors }: LossInputs<CenternessOutputs>,
): CenternessLoss {
  requireTargetsFit("compute the ATSS losses", { outputs, targets, anchors });
  const { classLogits, boxLogits, centerness } = outputs;
  return tf.tidy(() => {
    const positive = positiveMask(targets.labels, classLogits.shape[2]);
    const perImage = tf.sum(positive, 1); // [B]
    // An empty batch counts 1, too.
    const number = tf.maximum(tf.sum(tf.maximum(perImage, 1)), 1);
    const truth = centernessTargets(anchors, targets.boxTargets, positive);
    const pairInputs = {
      boxLogits,
      boxTargets: targets.boxTargets,
      positive,
      anchors,
    };
    const plain = boxLogits.shape[3] === 1;
    const boxes = plain
      ? deltaPairs(pairInputs, { deviations: ATSS_DEVIATIONS })
      : distancePairs(pairInputs);
    const weight = tf.sum(truth);
    const giou = tf.sum(tf.mul(giouLoss(boxes.predicted, boxes.truth), truth));
    return {
      focal: tf.div<tf.Scalar>(sumOfFocal(outputs, targets), number),
      box: tf.mul<tf.Scalar>(
        2,
        tf.div(giou, plain ? tf.maximum(weight, 1) : unlessNone(weight)),
      ),
      centerness: tf.div<tf.Scalar>(
        sumOfCenterness(centerness, truth, positive),
        number,
      ),
      positives: tf.sum<tf.Scalar>(perImage),
    };
  });
}
