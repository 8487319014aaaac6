// B images, A locations of all levels, L levels, C classes, n bins.
import * as tf from "@tensorflow/tfjs-core";
import { shapeError } from "../boxes/shape_guard.ts";
import { completeTerms } from "./complete_terms.ts";
import { type ElementTerm, openElementLosses } from "./element_losses.ts";
import { fgdLoss } from "./fgd_loss.ts";
import { levelShares } from "./level_shares.ts";
import { openRegions, type RegionWeights } from "./region_weights.ts";
import type { TermInputs } from "./term_inputs.ts";
import { regionNames } from "./term_regions.ts";
import type { DistillTerms } from "./terms.ts";

/** The losses of the given terms, and what they were computed over. */
export interface DistillLoss<T extends DistillTerms = DistillTerms> {
  /** Each term's loss, weighted: scalars to be summed. None of weight 0. */
  readonly losses: { readonly [name in keyof T]: tf.Scalar };
  /**
   * How many locations of the batch each region has, scalars, by its kind, or by
   * its `regionKey` where terms have several regions of a kind; `main` always.
   */
  readonly regions: Readonly<Record<string, tf.Scalar>>;
}

/**
 * Computes what a student learns from its teacher at the same locations: any
 * losses over any regions.
 *
 * With a the locations of all images, ℓ a term's element-wise loss, u the
 * weights of its locations and N its normaliser (see `Weighing`):
 *
 * loss = weight · Σ_a u_a ℓ_a / (dividedBy · N)
 *
 * The released terms are, with P the positives, V the valuable localization
 * region, w the score weights of GFL and v the weights of V:
 *
 * ld = weight · Σ_P w · Σ_sides LD / 4
 * vlrLd = weight · Σ_V v · Σ_sides LD / 16
 * kd = weight · Σ_levels mean over the level's P of KD
 * imitation = weight · Σ_levels mean over the level's region of the squared error
 *
 * ld and vlrLd are sums over the batch, as released, so they grow with it: keep
 * the images per step when comparing. A region without locations gives 0, and so
 * does, of imitation, a level without positives.
 *
 * @param inputs The outputs of both networks, targets, regions and layers: see
 * `TermInputs`.
 * @param terms Which losses, where, how much and how soft.
 * @returns The weighted losses and the sizes of the regions.
 * @throws {TypeError} If shapes differ, or a region, features or layers that a
 * term needs are not given.
 * @throws {RangeError} If a term is not in order (`completeTerms`), or a
 * temperature is given of no term.
 * @see Zheng et al., "Localization Distillation for Dense Object Detection",
 * CVPR 2022, eq. 3 to 5; HikariTJU/LD `LDHead.loss_single`. The paper states
 * neither the divisors nor the weights inside the sums.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { distillLoss } from "ldlab/distill/distill_loss.ts";
 * import { PRESETS } from "ldlab/distill/presets.ts";
 *
 * const anchors = makeAnchors({ height: 8, width: 8, strides: [8] });
 * const student = {
 *   classLogits: tf.tensor3d([1, 2], [1, 1, 2]),
 *   boxLogits: tf.randomNormal<tf.Rank.R4>([1, 1, 4, 17]),
 * };
 * const { losses } = distillLoss({
 *   anchors,
 *   student,
 *   teacher: student, // a network has nothing to learn from itself
 *   scoreWeights: tf.ones([1, 1]),
 *   targets: {
 *     labels: tf.tensor2d([0], [1, 1], "int32"),
 *     boxTargets: tf.tensor3d([-4, -4, 4, 4], [1, 1, 4]),
 *   },
 * }, PRESETS.ld2021.terms);
 * assert.ok(Math.abs((await losses.ld.data())[0]) < 1e-6);
 * ```
 */
export function distillLoss<T extends DistillTerms>(
  inputs: TermInputs,
  terms: T,
): DistillLoss<T> {
  const complete = completeTerms(terms);
  requireLocations(inputs);
  requireTerms(inputs.temperatures, terms);
  const result = tf.tidy(() => {
    const regions = openRegions(inputs);
    const elements = openElementLosses(inputs, regions.main);
    const losses: Record<string, tf.Scalar> = {};
    for (const [name, term] of Object.entries(complete)) {
      losses[name] = term.loss === "fgd"
        ? fgdLoss(name, term, inputs, regions)
        : total(elements(name, term), term, inputs, regions);
    }
    const sizes: Record<string, tf.Scalar> = {};
    for (const [name, region] of regionNames(complete)) {
      sizes[name] = tf.sum(regions.maskOf(region)) as tf.Scalar;
    }
    return { losses, regions: sizes };
  });
  return result as DistillLoss<T>;
}

/** weight · Σ u ℓ / (dividedBy · N). */
function total(
  losses: tf.Tensor2D,
  term: ElementTerm,
  inputs: TermInputs,
  regions: RegionWeights,
): tf.Scalar {
  const weights = weightsOf(term, inputs, regions);
  const sum = tf.sum(tf.mul(losses, weights));
  const scaled = tf.mul(sum, term.weight / term.dividedBy) as tf.Scalar;
  switch (term.normalizedBy) {
    case "count": {
      const count = tf.sum(maskOf(term, regions));
      return tf.div(scaled, tf.maximum(count, 1));
    }
    case "scores": {
      const scores = tf.sum(tf.mul(inputs.scoreWeights, regions.main));
      return tf.div(scaled, tf.add(scores, 1e-6));
    }
    default: // A level's count is in the weights.
      return scaled;
  }
}

/** u, [B, A], over the counts of levels where they normalise. */
function weightsOf(
  term: ElementTerm,
  { scoreWeights, anchors }: TermInputs,
  regions: RegionWeights,
): tf.Tensor {
  const { region, weightedBy, normalizedBy } = term;
  let weights: tf.Tensor = weightedBy === "mask"
    ? regions.maskOf(region)
    : regions.of(region);
  if (weightedBy === "score") weights = tf.mul(scoreWeights, weights);
  if (seesPositives(term)) weights = tf.mul(weights, regions.main);
  const where = term.loss === "imitation" && term.emptyLevels === "skipped" &&
      region.kind !== "main"
    ? regions.main
    : undefined;
  const mean = normalizedBy === "levelCount"
    ? maskOf(term, regions)
    : undefined;
  if (!mean && !where) return weights;
  return tf.mul(weights, levelShares(anchors, { mean, where }));
}

/** The locations that count, [B, A] of 0 and 1. */
function maskOf(term: ElementTerm, regions: RegionWeights): tf.Tensor2D {
  const mask = regions.maskOf(term.region);
  return seesPositives(term) ? tf.mul(mask, regions.main) : mask;
}

/** Whether a term leaves out what its region has beside positives. */
function seesPositives({ loss, region }: ElementTerm): boolean {
  return loss === "tbr" && region.kind !== "main"; // others have no box
}

/** A temperature that no term takes would change nothing, silently. */
function requireTerms(
  temperatures: TermInputs["temperatures"],
  terms: DistillTerms,
): void {
  for (const name of Object.keys(temperatures ?? {})) {
    if (Object.hasOwn(terms, name)) continue;
    throw new RangeError(
      `Cannot distil: temperatures must be of ${
        Object.keys(terms).join(", ") || "no term"
      }: current name is "${name}"`,
    );
  }
}

function requireLocations(
  { student, teacher, regions, targets, scoreWeights, anchors }: TermInputs,
): void {
  const shape = [student.classLogits.shape[0], anchors.count];
  for (const [network, outputs] of Object.entries({ student, teacher })) {
    const { classLogits, boxLogits } = outputs;
    const [classes, bins] = [classLogits.shape.at(-1), boxLogits.shape.at(-1)];
    for (
      const [what, tensor, rest] of [
        ["class logits", classLogits, [classes]],
        ["box logits", boxLogits, [4, bins]],
      ] as const
    ) {
      const expected = [...shape, ...rest];
      if (`${tensor.shape}` === `${expected}`) continue;
      throw shapeError(
        "distil",
        `the ${network}'s ${what}`,
        `[${expected.join(", ")}] as there are ${anchors.count} anchors`,
        tensor,
      );
    }
  }
  const { labels, boxTargets } = targets;
  if (`${boxTargets.shape}` !== `${[...shape, 4]}`) {
    const fitting = `[${shape.join(", ")}, 4]`;
    throw shapeError("distil", "box targets", fitting, boxTargets);
  }
  const expected: [string, tf.Tensor][] = [
    ["labels", labels],
    ["score weights", scoreWeights],
    ...Object.entries(regions ?? {}).map(([key, weights]) =>
      [`weights of the region ${key}`, weights] as [string, tf.Tensor]
    ),
  ];
  for (const [what, tensor] of expected) {
    if (`${tensor.shape}` === `${shape}`) continue;
    throw shapeError(
      "distil",
      what,
      `[${shape.join(", ")}] as there are ${anchors.count} anchors`,
      tensor,
    );
  }
}
