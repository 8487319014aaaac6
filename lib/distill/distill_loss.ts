// B images, A locations or anchors of all levels, K cells, C classes, n bins.
import * as tf from "@tensorflow/tfjs-core";
import type { Anchors } from "../boxes/anchors.ts";
import { cellsOf, weightsOfCells } from "./cells.ts";
import { completeTerms } from "./complete_terms.ts";
import { type ElementTerm, openElementLosses } from "./element_losses.ts";
import { fgdLoss } from "./fgd_loss.ts";
import { levelShares } from "./level_shares.ts";
import { openRegions, type RegionWeights } from "./region_weights.ts";
import { splitInputs } from "./split_inputs.ts";
import type { TermInputs } from "./term_inputs.ts";
import { requireTermInputs } from "./term_inputs_guard.ts";
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
 * or a weight is given of no term, or the replicas don't divide the images.
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
  requireTermInputs(inputs, terms);
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
      : total(elements(name, term), name, term, inputs, regions);
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
  name: string,
  term: ElementTerm,
  inputs: TermInputs,
  regions: RegionWeights,
): tf.Scalar {
  const weights = weightsOf(term, inputs, regions);
  const sum = tf.sum(tf.mul(losses, weights));
  const given = inputs.weights?.[name];
  const weight = given
    ? tf.div(given, term.dividedBy)
    : term.weight / term.dividedBy;
  const scaled = tf.mul(sum, weight) as tf.Scalar;
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
