import * as tf from "@tensorflow/tfjs-core";
import { withoutGradient } from "../nn/without_gradient.ts";
import type { DetectorOutputs } from "./detector.ts";

/**
 * Weighs locations by how confident the student is: GFL's box losses and
 * localization distillation count a location by its best class score, so that
 * boxes which no one will see cost little.
 *
 * w = max over classes of σ(class logit), or of the scores of GFLv2, without
 * gradient
 *
 * The largest score counts, also where it is not the true class's.
 *
 * @param outputs Class logits [B, A, C], and scores [B, A, C] of a detector that
 * has them.
 * @returns [B, A], in [0, 1].
 * @see MMDetection's `GFLHead.loss_by_feat_single`, `weight_targets`; the LD
 * repository's `LDv2Head` for the scores.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { scoreWeights } from "ldlab/detectors/score_weights.ts";
 *
 * const classLogits = tf.tensor3d([[[-9, 0], [-9, -9]]]);
 * const weights = scoreWeights({ classLogits });
 * const [first, second] = await weights.data();
 * assert.ok(first === 0.5 && second < 0.001);
 * ```
 */
export function scoreWeights(
  { classLogits, scores }: Pick<DetectorOutputs, "classLogits" | "scores">,
): tf.Tensor2D {
  return withoutGradient(() =>
    scores ? tf.max(scores, -1) : tf.sigmoid(tf.max(classLogits, -1))
  );
}
