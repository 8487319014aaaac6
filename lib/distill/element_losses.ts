// B images, A locations or anchors of all levels, K cells, n bins, D channels.
import * as tf from "@tensorflow/tfjs-core";
import { integral } from "../boxes/distribution.ts";
import { localFrame } from "../detectors/local_frame.ts";
import { imitation } from "../losses/imitation.ts";
import { classDistillation } from "../losses/kd.ts";
import { localizationDistillation } from "../losses/ld.ts";
import { teacherBoundedRegression } from "../losses/tbr.ts";
import type { CompleteTerm, CompleteTermOf } from "./complete_terms.ts";
import { featuresOf, missingLayers } from "./level_features.ts";
import type { TermInputs } from "./term_inputs.ts";

/** A term whose loss has a value at every location. */
export type ElementTerm = Exclude<CompleteTerm, { loss: "fgd" }>;

/**
 * Opens the element-wise losses of a batch. Terms with equal options and
 * temperature share theirs, whatever their regions and weights. Call it in a
 * `tf.tidy`, which owns what it makes.
 *
 * @param inputs What the terms are computed from.
 * @param main [B, A]: the positives.
 * @returns The losses of a term by its name, [B, A], of imitation [B, K], which is
 * the same with one anchor a cell; of teacher bounded
 * regression only those of positives mean something, the others are finite.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { completeTerms } from "ldlab/distill/complete_terms.ts";
 * import { type ElementTerm, openElementLosses } from "ldlab/distill/element_losses.ts";
 * import { PRESETS } from "ldlab/distill/presets.ts";
 *
 * const outputs = { classLogits: tf.zeros([1, 2, 3]), boxLogits: tf.zeros([1, 2, 4, 5]) };
 * const losses = openElementLosses({
 *   anchors: makeAnchors({ height: 8, width: 16, strides: [8] }),
 *   student: outputs, teacher: outputs, scoreWeights: tf.ones([1, 2]),
 *   targets: { labels: tf.zeros([1, 2], "int32"), boxTargets: tf.zeros([1, 2, 4]) },
 * }, tf.ones([1, 2]));
 * const { ld, vlrLd } = completeTerms(PRESETS.cvpr2022.terms);
 * const [main, vlr] = [losses("ld", ld as ElementTerm), losses("vlrLd", vlrLd as ElementTerm)];
 * assert.equal(main, vlr);
 * ```
 */
export function openElementLosses(
  inputs: TermInputs,
  main: tf.Tensor2D,
): (name: string, term: ElementTerm) => tf.Tensor2D {
  const known = new Map<string, tf.Tensor2D>();
  return (name, term) => {
    const temperature = "temperature" in term
      ? inputs.temperatures?.[name] ?? term.temperature
      : undefined;
    const key = elementKey(term, temperature);
    const losses = known.get(key) ??
      compute(name, term, temperature!, inputs, main);
    known.set(key, losses);
    return losses;
  };
}

/** Options that say how locations are summed, not what a location's loss is. */
const SUMMING = [
  ...["region", "weight", "weightedBy", "dividedBy", "normalizedBy"],
  "emptyLevels",
];

/** Equal where element-wise losses are. Equal adaptations are one layer. */
function elementKey(
  term: ElementTerm,
  temperature: number | tf.Scalar | undefined,
): string {
  const own = Object.entries(term).filter(([name]) => !SUMMING.includes(name));
  const tau = temperature instanceof tf.Tensor
    ? `tensor ${temperature.id}`
    : temperature;
  return JSON.stringify({ ...Object.fromEntries(own), temperature: tau });
}

function compute(
  name: string,
  term: ElementTerm,
  temperature: number | tf.Scalar,
  inputs: TermInputs,
  main: tf.Tensor2D,
): tf.Tensor2D {
  const { student, teacher } = inputs;
  switch (term.loss) {
    case "ld": {
      const { bins, temperatureFactor, edges } = term;
      const options = { bins, temperatureFactor, temperature };
      const [ours, theirs] = [student, teacher].map(({ boxLogits }) => {
        const [batch, count, sides, n] = boxLogits.shape;
        return edges === "joint"
          ? tf.reshape(boxLogits, [batch, count, sides * n])
          : boxLogits;
      });
      const losses = localizationDistillation(ours, theirs, options);
      return (edges === "joint" ? losses : tf.sum(losses, -1)) as tf.Tensor2D;
    }
    case "kd": {
      const { classes, activation, temperatureFactor } = term;
      return classDistillation(student.classLogits, teacher.classLogits, {
        classes,
        activation,
        temperatureFactor,
        temperature,
      }) as tf.Tensor2D;
    }
    case "tbr":
      return boundedRegression(term, inputs, main);
    case "imitation": {
      if (term.adaptation !== "none" && !inputs.modules?.layers[name]) {
        throw missingLayers(name);
      }
      const features = featuresOf(name, inputs);
      const [ours, theirs] = [features.student, features.teacher].map((maps) =>
        flatten(maps)
      );
      return imitation(ours, theirs, { error: term.error }) as tf.Tensor2D;
    }
  }
}

/** GIoU of boxes around their locations; targets elsewhere are harmless. */
function boundedRegression(
  { epsilon, distance, unit }: CompleteTermOf<"tbr">,
  { student, teacher, targets, anchors }: TermInputs,
  main: tf.Tensor2D,
): tf.Tensor2D {
  const frame = localFrame(anchors);
  const scale = unit === "strides" ? frame.outward : frame.strides;
  const distances = tf.where(
    tf.cast(tf.expandDims(main, -1), "bool"),
    tf.div(tf.sub(targets.boxTargets, frame.origins), frame.strides),
    1,
  ); // [B, A, 4]
  return teacherBoundedRegression(
    tf.mul(integral(student.boxLogits), scale),
    tf.mul(integral(teacher.boxLogits), scale),
    tf.mul(distances, scale),
    { epsilon, distance },
  ) as tf.Tensor2D;
}

/** Maps [B, H, W, D] of all levels as [B, K, D]. */
function flatten(maps: readonly tf.Tensor4D[]): tf.Tensor3D {
  return tf.concat(
    maps.map((map) => {
      const [batch, height, width, channels] = map.shape;
      return tf.reshape(map, [batch, height * width, channels]) as tf.Tensor3D;
    }),
    1,
  );
}
