import type * as tf from "@tensorflow/tfjs-core";
import type { Anchors } from "../boxes/anchors.ts";
import { shapeError } from "../boxes/shape_guard.ts";
import type { HeadOutputs } from "./dense_head.ts";
import type { DetectorOutputs } from "./detector.ts";
import type { Targets } from "./targets.ts";

/** What the loss of a detector is computed from. */
export interface LossInputs<Outputs extends HeadOutputs> {
  /** What the detector said. */
  readonly outputs: Outputs;
  /** What each location is to learn. */
  readonly targets: Targets;
  /** The anchors of the input's size. */
  readonly anchors: Anchors;
}

/**
 * Fails unless outputs and targets have a row for each anchor, as broadcasting
 * would hide it.
 *
 * @param task What is being computed, for the error.
 * @param inputs What the loss is computed from.
 * @throws {TypeError} If a shape does not fit the anchors.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { requireTargetsFit } from "ldlab/detectors/targets_guard.ts";
 *
 * const outputs = { classLogits: tf.zeros<tf.Rank.R3>([1, 2, 3]), boxLogits: tf.zeros<tf.Rank.R4>([1, 2, 4, 9]) };
 * const targets = { labels: tf.zeros<tf.Rank.R2>([1, 2]), boxTargets: tf.zeros<tf.Rank.R3>([1, 2, 4]) };
 * const fit = (width: number) =>
 *   requireTargetsFit("compute it", { outputs, targets, anchors: makeAnchors({ height: 8, width, strides: [8] }) });
 * fit(16);
 * assert.throws(() => fit(8), TypeError);
 * ```
 */
export function requireTargetsFit(
  task: string,
  { outputs, targets, anchors }: LossInputs<
    Omit<DetectorOutputs, "features">
  >,
): void {
  const { classLogits, boxLogits, centerness, scores } = outputs;
  const { labels, boxTargets, labelWeights } = targets;
  const [batch] = classLogits.shape;
  const perLocation = [batch, anchors.count];
  const expected: [string, tf.Tensor, (number | undefined)[]][] = [
    ["class logits", classLogits, [...perLocation, classLogits.shape[2]]],
    ["box logits", boxLogits, [...perLocation, 4, boxLogits.shape[3]]],
    ["labels", labels, perLocation],
    ["box targets", boxTargets, [...perLocation, 4]],
  ];
  if (centerness) expected.push(["centre-ness", centerness, perLocation]);
  if (scores) expected.push(["scores", scores, classLogits.shape]);
  if (labelWeights) expected.push(["label weights", labelWeights, perLocation]);
  for (const [what, tensor, shape] of expected) {
    if (`${tensor.shape}` !== `${shape}`) {
      throw shapeError(
        task,
        what,
        `[${shape.join(", ")}] as there are ${anchors.count} anchors`,
        tensor,
      );
    }
  }
}
