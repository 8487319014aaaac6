// B images, H and W pixels.
import type * as tf from "@tensorflow/tfjs-core";
import type { DetectorOutputs } from "../detectors/detector.ts";
import { anchorsOf } from "../detectors/detector_anchors.ts";
import type { DetectorConfig } from "../detectors/detector_config.ts";
import { detectorLoss } from "../detectors/detector_loss.ts";
import type { DetectorLossWeights } from "../detectors/gfl_loss_weights.ts";
import { distillLoss } from "../distill/distill_loss.ts";
import type { DistillModules } from "../distill/distill_modules.ts";
import type { DistillTerms } from "../distill/terms.ts";
import { findDistillInputs, type StepInputs } from "./step_inputs.ts";

/**
 * Computes what a training step minimises, inside it: the losses of the student's
 * kind and the terms of its teacher.
 *
 * @param inputs The step's inputs; the images' shape says which anchors there are.
 * @param student What the student says about the images.
 * @param options.config The student's.
 * @param options.distillation Terms and layers, where there is a teacher.
 * @param options.detectorLosses Weights of GFL's own losses.
 * @param options.replicas Parts of the batch, as of `distillLoss`.
 * @returns The terms of the total, and the sizes of the regions, by name.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { stepLosses } from "ldlab/train/step_losses.ts";
 *
 * await tf.setBackend("cpu");
 * const inputs = { // an input of 8 × 8 has a location a level
 *   images: tf.zeros<tf.Rank.R4>([1, 8, 8, 3]), labels: tf.ones<tf.Rank.R2>([1, 5], "int32"),
 *   boxTargets: tf.zeros<tf.Rank.R3>([1, 5, 4]), learningRate: tf.scalar(0),
 * };
 * const student = { classLogits: tf.zeros<tf.Rank.R3>([1, 5, 1]), boxLogits: tf.zeros<tf.Rank.R4>([1, 5, 4, 9]), features: [] };
 * const config = { kind: "gfl", numClasses: 1 } as const;
 * const { losses } = stepLosses(inputs, student, { config, replicas: 1 });
 * assert.deepEqual(Object.keys(losses), ["qfl", "giou", "dfl"]);
 * ```
 */
export function stepLosses(
  inputs: StepInputs,
  student: DetectorOutputs,
  { config, distillation, detectorLosses: weights, replicas }: {
    config: DetectorConfig;
    distillation?: {
      readonly terms: DistillTerms;
      readonly modules?: DistillModules;
    };
    detectorLosses?: DetectorLossWeights;
    replicas: number;
  },
): { losses: Record<string, tf.Scalar>; regions: Record<string, tf.Scalar> } {
  const { images, labels, boxTargets, labelWeights } = inputs;
  const [, height, width] = images.shape;
  const anchors = anchorsOf(config, { height, width });
  const targets = { labels, boxTargets, labelWeights };
  const { losses: own, scoreWeights, positives } = detectorLoss(
    config,
    { outputs: student, targets, anchors },
    { head: distillation ? "ld" : "gfl", weights },
  );
  const given = findDistillInputs(inputs);
  if (!given) return { losses: own, regions: { mainLocations: positives } };
  const { terms, modules } = distillation!;
  const { losses, regions } = distillLoss(
    { student, targets, scoreWeights, anchors, modules, ...given },
    terms,
    { replicas },
  );
  return {
    losses: { ...own, ...losses },
    regions: Object.fromEntries(
      Object.entries(regions).map(([name, size]) => [`${name}Locations`, size]),
    ),
  };
}
