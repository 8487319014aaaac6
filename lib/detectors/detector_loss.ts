// B images, A anchors of all levels, C classes.
import type * as tf from "@tensorflow/tfjs-core";
import { atssLoss } from "./atss_loss.ts";
import type { CenternessOutputs } from "./dense_head.ts";
import type { DetectorOutputs } from "./detector.ts";
import type { DetectorConfig } from "./detector_config.ts";
import { fcosLoss } from "./fcos_loss.ts";
import { gflLoss } from "./gfl_loss.ts";
import type { DetectorLossWeights } from "./gfl_loss_weights.ts";
import { retinaLoss } from "./retina_loss.ts";
import { scoreWeights } from "./score_weights.ts";
import type { LossInputs } from "./targets_guard.ts";

/** The losses of a detector of any kind. */
export interface DetectorLoss {
  /** Scalars to be summed, by name, weighted. */
  readonly losses: Readonly<Record<string, tf.Scalar>>;
  /** [B, A]: the student's largest class scores, without gradient. */
  readonly scoreWeights: tf.Tensor2D;
  /** How many locations of the batch have a box, scalar. */
  readonly positives: tf.Scalar;
}

/**
 * Computes the losses that train a detector of any kind: `gflLoss`, `atssLoss`,
 * `fcosLoss` or `retinaLoss`.
 *
 * @param config The detector.
 * @param inputs Its outputs, the targets of its rule (`targetRuleOf`), and its
 * anchors (`anchorsOf`).
 * @param options.head Whose normaliser GFL's box losses have: `gfl` or, under
 * localization distillation, `ld`. Others have one.
 * @param options.weights Of GFL's losses, where they differ from the published.
 * @returns The losses by name (`qfl`, `giou`, `dfl`; or `focal`, `box` and
 * `centerness`), the score weights and the number of positives.
 * @throws {TypeError} If a shape does not fit the anchors.
 * @throws {RangeError} If weights are given for another kind than GFL's.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { detectorLoss } from "ldlab/detectors/detector_loss.ts";
 *
 * const anchors = makeAnchors({ height: 8, width: 8, strides: [8], scale: 4 });
 * const { losses } = detectorLoss({ kind: "retina", numClasses: 1 }, {
 *   anchors,
 *   outputs: { classLogits: tf.zeros([1, 1, 1]), boxLogits: tf.zeros([1, 1, 4, 1]), features: [] },
 *   targets: { labels: tf.zeros([1, 1], "int32"), boxTargets: tf.tensor3d([0, -16, 32, 16], [1, 1, 4]) },
 * });
 * assert.deepEqual([...await losses.box.data()], [0.5]);
 * ```
 */
export function detectorLoss(
  { kind }: Pick<DetectorConfig, "kind">,
  inputs: LossInputs<DetectorOutputs>,
  { head, weights }: {
    head?: "gfl" | "ld";
    weights?: DetectorLossWeights;
  } = {},
): DetectorLoss {
  if (kind === "gfl" || kind === "gflV2") {
    const loss = gflLoss(inputs, { head, weights });
    const { scoreWeights, positives, ...losses } = loss;
    return { losses, scoreWeights, positives };
  }
  for (const name of Object.keys(weights ?? {})) {
    throw new RangeError(
      `Cannot compute the losses of ${kind}: weights are of GFL's losses: ` +
        `current one is of "${name}"`,
    );
  }
  const { positives, ...losses } = denseLoss(kind, inputs);
  return { losses, scoreWeights: scoreWeights(inputs.outputs), positives };
}

function denseLoss(
  kind: "atss" | "fcos" | "retina",
  inputs: LossInputs<DetectorOutputs>,
) {
  switch (kind) {
    case "atss":
      return atssLoss(inputs as LossInputs<CenternessOutputs>);
    case "fcos":
      return fcosLoss(inputs as LossInputs<CenternessOutputs>);
    case "retina":
      return retinaLoss(inputs);
  }
}
