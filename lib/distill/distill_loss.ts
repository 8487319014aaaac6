// B images, A locations of all levels, L levels, C classes, n bins.
import * as tf from "@tensorflow/tfjs-core";
import type { Anchors } from "../boxes/anchors.ts";
import { shapeError } from "../boxes/shape_guard.ts";
import type { DetectorOutputs } from "../detectors/detector.ts";
import { positiveMask, type Targets } from "../detectors/targets.ts";
import { classDistillation } from "../losses/kd.ts";
import { localizationDistillation } from "../losses/ld.ts";
import type { DistillTerm, DistillTerms } from "./terms.ts";

/** What divides a region's sum over sides: the released `avg_factor`. */
const SIDES = { main: 4, vlr: 16 } as const;

/** The logits of a network; a teacher's may come from a cache. */
export type Logits = Pick<DetectorOutputs, "classLogits" | "boxLogits">;

/** The losses of the given terms, and what they were computed over. */
export interface DistillLoss {
  /** Each given term's loss, weighted: scalars to be summed. */
  readonly losses: { readonly [term in keyof DistillTerms]?: tf.Scalar };
  /** How many locations of the batch each region has, scalars. */
  readonly regions: { readonly main: tf.Scalar; readonly vlr?: tf.Scalar };
}

/**
 * Computes what a student learns from its teacher at the same locations.
 *
 * With P the positives, V the valuable localization region, w the score weights
 * of GFL, v the weights of V, and LD and KD the element-wise losses:
 *
 * ld = weight · Σ_P w · Σ_sides LD / 4
 * vlrLd = weight · Σ_V v · Σ_sides LD / 16
 * kd = weight · Σ_levels mean over the level's P of KD
 * vlrKd = weight · Σ_levels mean over the level's V of KD
 *
 * ld and vlrLd are sums over the batch, as released, so they grow with it: keep
 * the images per step when comparing. kd and vlrKd are means of each level, so
 * that a level with one positive counts as much as one with hundreds. A region
 * without locations gives 0.
 *
 * @param inputs.student The student's logits. Gradients reach these alone.
 * @param inputs.teacher The teacher's, of the same shapes.
 * @param inputs.targets The student's targets; `vlr` only where a term needs it.
 * @param inputs.scoreWeights [B, A]: w, from `gflLoss`.
 * @param inputs.anchors The anchors of the input's size.
 * @param terms Which terms, how much and how soft.
 * @returns The weighted losses and the sizes of the regions.
 * @throws {TypeError} If shapes differ, or a term needs a region not given.
 * @throws {RangeError} If a weight is not finite or a temperature not above 0.
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
 * import { PRESETS } from "ldlab/distill/terms.ts";
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
 * }, PRESETS.ld2021);
 * assert.ok(Math.abs((await losses.ld!.data())[0]) < 1e-6);
 * ```
 */
export function distillLoss(
  { student, teacher, targets, scoreWeights, anchors }: {
    student: Logits;
    teacher: Logits;
    targets: Targets;
    scoreWeights: tf.Tensor2D;
    anchors: Anchors;
  },
  terms: DistillTerms,
): DistillLoss {
  requireTerms(terms, targets);
  requireLocations(student, targets, scoreWeights, anchors);
  return tf.tidy(() => {
    const main = positiveMask(targets.labels, student.classLogits.shape[2]);
    const vlr = targets.vlr &&
      tf.cast<tf.Tensor2D>(tf.greater(targets.vlr, 0), "float32");
    const losses: { -readonly [term in keyof DistillTerms]: tf.Scalar } = {};

    // Both regions of one temperature share the element-wise losses: [B, A].
    const sides = shared((temperature) =>
      tf.sum(
        localizationDistillation(student.boxLogits, teacher.boxLogits, {
          temperature,
        }),
        -1,
      )
    );
    const classes = shared((temperature) =>
      classDistillation(student.classLogits, teacher.classLogits, {
        temperature,
      })
    );
    if (terms.ld) {
      const weights = tf.mul(scoreWeights, main);
      losses.ld = total(sides, weights, terms.ld, SIDES.main);
    }
    if (terms.vlrLd) {
      losses.vlrLd = total(sides, targets.vlr!, terms.vlrLd, SIDES.vlr);
    }
    if (terms.kd) {
      losses.kd = total(classes, levelMean(main, anchors), terms.kd, 1);
    }
    if (terms.vlrKd) {
      losses.vlrKd = total(classes, levelMean(vlr!, anchors), terms.vlrKd, 1);
    }
    return {
      losses,
      regions: {
        main: tf.sum(main) as tf.Scalar,
        ...(vlr && { vlr: tf.sum(vlr) as tf.Scalar }),
      },
    };
  });
}

type ByTemperature = (temperature: number | tf.Scalar) => tf.Tensor;

function shared(compute: ByTemperature): ByTemperature {
  const known = new Map<number | tf.Scalar, tf.Tensor>();
  return (temperature) => {
    const values = known.get(temperature) ?? compute(temperature);
    known.set(temperature, values);
    return values;
  };
}

function total(
  losses: ByTemperature,
  weights: tf.Tensor,
  { weight, temperature }: DistillTerm,
  divisor: number,
): tf.Scalar {
  const sum = tf.sum(tf.mul(losses(temperature), weights));
  return tf.mul(sum, weight / divisor);
}

// Weights that make a sum over the batch a sum of the levels' means:
// 1 / (the region's locations on the location's level) in the region.
// Without matrix products, which a step in bfloat16 would round.
function levelMean(region: tf.Tensor2D, { levels, count }: Anchors): tf.Tensor {
  const member = new Float32Array(levels.length * count); // [L, A]
  levels.forEach(({ start, count: size }, level) => {
    member.fill(1, level * count + start, level * count + start + size);
  });
  const membership = tf.tensor2d(member, [levels.length, count]);
  const onLevel = tf.mul(membership, tf.sum(region, 0, true));
  const counts = tf.sum(onLevel, 1, true); // [L, 1]
  const shares = tf.div(1, tf.maximum(counts, 1));
  const perLocation = tf.sum(tf.mul(membership, shares), 0, true); // [1, A]
  return tf.mul(region, perLocation); // [B, A]
}

function requireTerms(terms: DistillTerms, targets: Targets): void {
  for (const [name, term] of Object.entries(terms)) {
    if (term && !Number.isFinite(term.weight)) {
      throw new RangeError(
        `Cannot distil: the weight of ${name} must be finite: current value is ${term.weight}`,
      );
    }
  }
  const needy = terms.vlrLd ? "vlrLd" : terms.vlrKd ? "vlrKd" : undefined;
  if (needy && !targets.vlr) {
    throw new TypeError(
      `Cannot distil: ${needy} needs the region weights of targets.vlr, which are missing`,
    );
  }
}

function requireLocations(
  student: Logits,
  { labels, vlr }: Targets,
  scoreWeights: tf.Tensor2D,
  { count }: Anchors,
): void {
  const shape = [student.classLogits.shape[0], count];
  const expected: [string, tf.Tensor | undefined][] = [
    ["labels", labels],
    ["vlr weights", vlr],
    ["score weights", scoreWeights],
  ];
  for (const [what, tensor] of expected) {
    if (tensor && `${tensor.shape}` !== `${shape}`) {
      throw shapeError(
        "distil",
        what,
        `[${shape.join(", ")}] as there are ${count} anchors`,
        tensor,
      );
    }
  }
}
