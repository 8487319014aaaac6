// B images, A locations of all levels, C classes, n bins.
import * as tf from "@tensorflow/tfjs-core";
import type { Anchors } from "../boxes/anchors.ts";
import { integral } from "../boxes/distribution.ts";
import { alignedIou } from "../boxes/iou.ts";
import { ciouLoss } from "../losses/ciou.ts";
import { distributionFocalLoss } from "../losses/dfl.ts";
import { giouLoss } from "../losses/giou.ts";
import { qualityFocalLoss } from "../losses/qfl.ts";
import { qualityFocalLossOfScores } from "../losses/qfl_of_scores.ts";
import { withoutGradient } from "../nn/without_gradient.ts";
import type { DetectorOutputs } from "./detector.ts";
import {
  completeLossWeights,
  type DetectorLossWeights,
} from "./gfl_loss_weights.ts";
import { localFrame } from "./local_frame.ts";
import { scoreWeights } from "./score_weights.ts";
import { classTargets, positiveMask, type Targets } from "./targets.ts";
import { requireTargetsFit } from "./targets_guard.ts";

/** Distance targets stay this far below regMax, in strides. */
const MARGIN = 0.1;

/** The losses of GFL, weighted and summed over the batch. */
export interface GflLoss {
  /** Quality focal loss, scalar. */
  readonly qfl: tf.Scalar;
  /** Generalized IoU loss, scalar. */
  readonly giou: tf.Scalar;
  /** Distribution focal loss, scalar. */
  readonly dfl: tf.Scalar;
  /** Complete IoU loss, scalar, where it has a weight. */
  readonly ciou?: tf.Scalar;
  /** [B, A]: the weights of locations, without gradient. */
  readonly scoreWeights: tf.Tensor2D;
  /** How many locations of the batch have a box, scalar. */
  readonly positives: tf.Scalar;
}

/**
 * Computes the losses that train a GFL or GFLv2 detector. The total is qfl + giou + dfl.
 *
 * With w = σ's largest class score of a location, P the positives, and W = Σ_P w:
 *
 * qfl = Σ QFL(class logits, IoU of predicted and true box at the true class) / N
 * giou = 2 · Σ_P w · GIoU loss / W
 * dfl = 0.25 · Σ_P w · mean over sides of DFL / W
 *
 * N is the number of positives, an image counting at least 1. w and the IoU have
 * no gradient. GFLv2's scores, where there are any, take the place of the class
 * logits and their sigmoids. Everything is dense: a location that takes no part has weight 0,
 * and harmless values take the place of its box first.
 *
 * @param inputs.outputs What the detector said.
 * @param inputs.targets What each location is to learn.
 * @param inputs.anchors The anchors of the input's size.
 * @param options.head What W becomes before it divides: "gfl" takes
 * max(W, 1), "ld" W + 1e-6, as the released heads of these names do. They differ
 * in the first steps, when scores are near 0.01.
 * @param options.weights What stands for 1, 2 and 0.25 above, where it differs,
 * and the weight of the complete IoU loss, which takes GIoU's place then.
 * @returns The losses, the weights w, and the number of positives.
 * @throws {TypeError} If a shape does not fit the anchors.
 * @throws {RangeError} If a weight is not finite, or its loss or the head unknown.
 * @see Li et al., "Generalized Focal Loss", NeurIPS 2020, eq. 2, 4 and 6;
 * MMDetection 3.3.0 `GFLHead.loss_by_feat` and `LDHead.loss_by_feat`; for scores
 * the LD repository's `GFocalHead` and `LDv2Head`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { gflLoss } from "ldlab/detectors/gfl_loss.ts";
 *
 * // One location with centre (0, 0), one class, distances 0 or 1 stride.
 * const anchors = makeAnchors({ height: 8, width: 8, strides: [8] });
 * const losses = gflLoss({
 *   anchors,
 *   outputs: {
 *     classLogits: tf.tensor3d([0], [1, 1, 1]),
 *     boxLogits: tf.zeros([1, 1, 4, 2]), // every distance half a stride
 *     features: [],
 *   },
 *   targets: {
 *     labels: tf.tensor2d([0], [1, 1], "int32"),
 *     boxTargets: tf.tensor3d([-4, -4, 4, 4], [1, 1, 4]),
 *   },
 * }, { head: "ld" });
 * assert.ok(Math.abs((await losses.giou.data())[0]) < 1e-5); // the box is right
 * const [dfl] = await losses.dfl.data();
 * assert.ok(Math.abs(dfl - 0.25 * Math.LN2) < 1e-5);
 * ```
 */
export function gflLoss(
  { outputs, targets, anchors }: {
    outputs: DetectorOutputs;
    targets: Targets;
    anchors: Anchors;
  },
  { head = "gfl", weights: given }: {
    head?: "gfl" | "ld";
    weights?: DetectorLossWeights;
  } = {},
): GflLoss {
  const { classLogits, boxLogits, scores } = outputs;
  requireTargetsFit("compute the GFL losses", { outputs, targets, anchors });
  const factors = completeLossWeights(given);
  if (head !== "gfl" && head !== "ld") {
    throw new RangeError(
      `Cannot compute the GFL losses: head must be gfl or ld: current value is "${head}"`,
    );
  }
  const numClasses = classLogits.shape[2];
  const regMax = boxLogits.shape[3] - 1;
  return tf.tidy(() => {
    const positive = positiveMask(targets.labels, numClasses); // [B, A]
    const weights = scoreWeights(outputs); // [B, A]
    const boxWeights = withoutGradient(() => tf.mul(weights, positive));
    const sum = withoutGradient(() => tf.sum(boxWeights));
    const divisor = head === "gfl" ? tf.maximum(sum, 1) : tf.add(sum, 1e-6);

    // Boxes are compared in strides around their location's centre.
    const frame = localFrame(anchors);
    const trueDistances = tf.where(
      tf.cast(tf.expandDims(positive, -1), "bool"),
      tf.div(tf.sub(targets.boxTargets, frame.origins), frame.strides),
      1,
    ); // [B, A, 4]
    const truth = tf.mul(trueDistances, frame.outward);
    const needsBoxes = factors.qfl !== 0 || factors.giou !== 0 ||
      factors.ciou !== 0;
    const predicted = needsBoxes
      ? tf.mul(integral(boxLogits), frame.outward) // [B, A, 4]
      : truth;

    const perImage = tf.sum(positive, 1); // [B]
    const qfl = () => {
      const quality = withoutGradient(() =>
        tf.mul(
          classTargets(targets.labels, numClasses),
          tf.expandDims(alignedIou(predicted, truth), -1),
        )
      ); // [B, A, C]
      const perClass = scores
        ? qualityFocalLossOfScores(scores, quality)
        : qualityFocalLoss(classLogits, quality);
      const perLocation = tf.sum(perClass, -1);
      const counted = targets.labelWeights
        ? tf.mul(perLocation, targets.labelWeights)
        : perLocation;
      const number = tf.sum(tf.maximum(perImage, 1));
      return tf.div(tf.sum(counted), number);
    };
    const overWeights = (losses: tf.Tensor) =>
      tf.div(tf.sum(tf.mul(losses, boxWeights)), divisor);
    const giou = () => overWeights(giouLoss(predicted, truth));
    const ciou = () => overWeights(ciouLoss(predicted, truth));
    const dfl = () => {
      const distances = tf.clipByValue(trueDistances, 0, regMax - MARGIN);
      const perSide = distributionFocalLoss(boxLogits, distances);
      return overWeights(tf.mean(perSide, -1));
    };
    const weighted = (loss: () => tf.Tensor, factor: number) =>
      (factor === 0 ? tf.scalar(0) : tf.mul(loss(), factor)) as tf.Scalar;
    return {
      qfl: weighted(qfl, factors.qfl),
      giou: weighted(giou, factors.giou),
      dfl: weighted(dfl, factors.dfl),
      ...(factors.ciou !== 0 && { ciou: weighted(ciou, factors.ciou) }),
      scoreWeights: weights,
      positives: tf.sum(perImage) as tf.Scalar,
    };
  });
}
