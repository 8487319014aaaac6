// B images, A locations or anchors of all levels.
import * as tf from "@tensorflow/tfjs-core";
import { focalGlobalDistillation } from "../losses/fgd.ts";
import { cellsOf, weightsOfCells } from "./cells.ts";
import type { CompleteTermOf } from "./complete_terms.ts";
import { featuresOf, missingLayers } from "./level_features.ts";
import type { RegionWeights } from "./region_weights.ts";
import type { TermInputs } from "./term_inputs.ts";

/** The four parts of FGD, as its settings name their weights. */
const PARTS = ["foreground", "background", "attention", "relation"] as const;

/**
 * Computes a term of focal and global distillation over all levels.
 *
 * weight · Σ_levels (α foreground + β background + γ attention + λ relation)
 *
 * Call it in a `tf.tidy`. `distillLoss` does.
 *
 * @param name The term's name.
 * @param term The term, complete.
 * @param inputs What the terms are computed from.
 * @param regions The weights of its regions.
 * @returns The loss.
 * @throws {TypeError} If features or layers are missing or do not fit.
 * @see `focalGlobalDistillation`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { completeTerms } from "ldlab/distill/complete_terms.ts";
 * import { FGD } from "ldlab/distill/presets.ts";
 *
 * const { fgd } = completeTerms(FGD.gfl);
 * assert.equal(fgd.loss === "fgd" && fgd.relation, 5e-6);
 * ```
 */
export function fgdLoss(
  name: string,
  term: CompleteTermOf<"fgd">,
  inputs: TermInputs,
  regions: RegionWeights,
): tf.Scalar {
  const { student, teacher } = featuresOf(name, inputs);
  const layers = inputs.modules?.layers[name];
  if (!layers?.studentContext || !layers.teacherContext) {
    throw missingLayers(name);
  }
  const temperature = inputs.temperatures?.[name] ?? term.temperature;
  const given = inputs.weights?.[name];
  const weightOf = (part: (typeof PARTS)[number]) =>
    given ? tf.mul(given, term[part]) : term[part] * term.weight;
  const { anchors } = inputs;
  const [foreground, background] = [term.region, term.backgroundRegion]
    .map((region) => weightsOfCells(regions.of(region), anchors));
  const parts = cellsOf(anchors).levels.flatMap(
    ({ start, count, height, width }, level) => {
      const onLevel = (weights: tf.Tensor2D): tf.Tensor3D =>
        tf.reshape(tf.slice(weights, [0, start], [-1, count]), [
          weights.shape[0],
          height,
          width,
        ]);
      const losses = focalGlobalDistillation({
        student: student[level],
        teacher: teacher[level],
        foreground: onLevel(foreground),
        background: onLevel(background),
      }, {
        studentContext: layers.studentContext![level],
        teacherContext: layers.teacherContext![level],
        temperature,
      });
      return PARTS.filter((part) => term[part] !== 0)
        .map((part) => tf.mul(losses[part], weightOf(part)));
    },
  );
  return (parts.length > 0 ? tf.addN(parts) : tf.scalar(0)) as tf.Scalar;
}
