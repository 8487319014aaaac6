// B images, A locations or anchors of all levels, K cells, C classes, n bins.
import * as tf from "@tensorflow/tfjs-core";
import type { Anchors } from "../boxes/anchors.ts";
import { shapeError } from "../boxes/shape_guard.ts";
import { cellsOf, weightsOfCells } from "./cells.ts";
import { completeTerms } from "./complete_terms.ts";
import { type ElementTerm, openElementLosses } from "./element_losses.ts";
import { fgdLoss } from "./fgd_loss.ts";
import { levelShares } from "./level_shares.ts";
import { openRegions, type RegionWeights } from "./region_weights.ts";
import { splitInputs } from "./split_inputs.ts";
import type { TermInputs } from "./term_inputs.ts";
import { termNeeds } from "./term_needs.ts";
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
 * the images per step when comparing, or let `replicas` part the batch into as
 * many images as a GPU had: each part's terms are computed by themselves and
 * averaged, as gradients are over GPUs. A region without locations gives 0, and so
 * does, of imitation, a level without positives.
 *
 * Where several anchors share a cell, imitation and FGD look at cells: a cell has
 * the largest of its anchors' weights, so it is in a region if any of them is
 * (`weightsOfCells`). The sizes of regions count anchors all the same.
 *
 * @param inputs The outputs of both networks, targets, regions and layers: see
 * `TermInputs`.
 * @param terms Which losses, where, how much and how soft.
 * @param options.replicas Equal parts of the batch, from 1; 1 unless given.
 * @returns The weighted losses and the sizes of the regions.
 * @throws {TypeError} If shapes differ, a region, features or layers that a
 * term needs are not given, or a term looks at distributions and boxes are plain.
 * @throws {RangeError} If a term is not in order (`completeTerms`), a temperature
 * is given of no term, or the replicas don't divide the images.
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
  { replicas = 1 }: { replicas?: number } = {},
): DistillLoss<T> {
  const complete = completeTerms(terms);
  requireLocations(inputs);
  requireDistributions(inputs, terms);
  requireTerms(inputs.temperatures, terms);
  const result = tf.tidy(() => {
    const parts = splitInputs(inputs, replicas)
      .map((part) => lossesOf(part, complete));
    const summed = (of: Scalars[]) =>
      Object.fromEntries(
        Object.keys(of[0]).map((name) => [
          name,
          tf.addN(of.map((scalars) => scalars[name])) as tf.Scalar,
        ]),
      );
    if (parts.length === 1) return parts[0];
    const losses = Object.entries(summed(parts.map(({ losses }) => losses)))
      .map(([name, sum]) => [name, tf.div(sum, replicas)]);
    return {
      losses: Object.fromEntries(losses),
      regions: summed(parts.map(({ regions }) => regions)),
    };
  });
  return result as DistillLoss<T>;
}

type Scalars = Record<string, tf.Scalar>;

/** The losses of complete terms over one part of a batch. */
function lossesOf(
  inputs: TermInputs,
  terms: ReturnType<typeof completeTerms>,
): { losses: Scalars; regions: Scalars } {
  const regions = openRegions(inputs);
  const elements = openElementLosses(inputs, regions.main);
  const losses: Scalars = {};
  for (const [name, term] of Object.entries(terms)) {
    losses[name] = term.loss === "fgd"
      ? fgdLoss(name, term, inputs, regions)
      : total(elements(name, term), term, inputs, regions);
  }
  const sizes: Scalars = {};
  for (const [name, region] of regionNames(terms)) {
    sizes[name] = tf.sum(regions.maskOf(region)) as tf.Scalar;
  }
  return { losses, regions: sizes };
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
      const count = tf.sum(at(maskOf(term, regions), term, inputs.anchors));
      return tf.div(scaled, tf.maximum(count, 1));
    }
    case "scores": {
      const scores = tf.mul(inputs.scoreWeights, regions.main) as tf.Tensor2D;
      const sum = tf.sum(at(scores, term, inputs.anchors));
      return tf.div(scaled, tf.add(sum, 1e-6));
    }
    default: // A level's count is in the weights.
      return scaled;
  }
}

/** u, [B, A] or [B, K], over the counts of levels where they normalise. */
function weightsOf(
  term: ElementTerm,
  { scoreWeights, anchors }: TermInputs,
  regions: RegionWeights,
): tf.Tensor {
  const { region, weightedBy, normalizedBy } = term;
  let weights = weightedBy === "mask"
    ? regions.maskOf(region)
    : regions.of(region);
  if (weightedBy === "score") weights = tf.mul(scoreWeights, weights);
  if (seesPositives(term)) weights = tf.mul(weights, regions.main);
  weights = at(weights, term, anchors);
  const where = term.loss === "imitation" && term.emptyLevels === "skipped" &&
      region.kind !== "main"
    ? at(regions.main, term, anchors)
    : undefined;
  const mean = normalizedBy === "levelCount"
    ? at(maskOf(term, regions), term, anchors)
    : undefined;
  if (!mean && !where) return weights;
  const layout = seesCells(term) ? cellsOf(anchors) : anchors;
  return tf.mul(weights, levelShares(layout, { mean, where }));
}

/** Weights of anchors where the term has its losses: at anchors, or at cells. */
function at(
  weights: tf.Tensor2D,
  term: ElementTerm,
  anchors: Anchors,
): tf.Tensor2D {
  return seesCells(term) ? weightsOfCells(weights, anchors) : weights;
}

function seesCells({ loss }: ElementTerm): boolean {
  return loss === "imitation";
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

/** The softmax of a plain box's one number is 1: nothing would be learnt. */
function requireDistributions(
  { student, teacher }: TermInputs,
  terms: DistillTerms,
): void {
  const { distributions } = termNeeds(terms);
  for (const [network, { boxLogits }] of Object.entries({ student, teacher })) {
    if (distributions.length === 0 || boxLogits.shape[3] > 1) continue;
    throw shapeError(
      "distil",
      `the ${network}'s box logits`,
      "distributions, [B, A, 4, n] of 2 bins or more, for the terms " +
        distributions.join(", "),
      boxLogits,
    );
  }
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
