import type * as tf from "@tensorflow/tfjs-core";

/** One distillation term: how much it counts and how soft it is. */
export interface DistillTerm {
  /** Factor of the term's loss, finite; the released code's `loss_weight`. */
  readonly weight: number;
  /**
   * τ, above 0. A scalar tensor where a compiled step takes it as an input, so
   * that it can move during training.
   */
  readonly temperature: number | tf.Scalar;
}

/**
 * What a student learns from its teacher. A term that is not given costs
 * nothing: it is not computed.
 */
export interface DistillTerms {
  /** Localization distillation on the main region, the positives. */
  readonly ld?: DistillTerm;
  /** Localization distillation on the valuable localization region. */
  readonly vlrLd?: DistillTerm;
  /** Classification distillation on the main region. */
  readonly kd?: DistillTerm;
  /** Classification distillation on the valuable localization region. */
  readonly vlrKd?: DistillTerm;
}

/**
 * The released variants, as data.
 *
 * - `ld2021`: localization distillation on the main region, which is what
 *   MMDetection ships (version 1 of the paper).
 * - `cvpr2022`: localization distillation on both regions and classification
 *   distillation on the main one, the released code's defaults. It multiplies
 *   classification distillation on the valuable localization region by 0; here
 *   that term is absent.
 *
 * @see Zheng et al., "Localization Distillation for Dense Object Detection",
 * CVPR 2022, section 3.3 and table 2; HikariTJU/LD `LDHead`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { PRESETS } from "ldlab/distill/terms.ts";
 *
 * // An ablation's row is a difference from a preset.
 * const softer = { ...PRESETS.ld2021, ld: { weight: 0.25, temperature: 20 } };
 * assert.deepEqual(Object.keys(softer), ["ld"]);
 * ```
 */
export const PRESETS = {
  ld2021: { ld: { weight: 0.25, temperature: 10 } },
  cvpr2022: {
    ld: { weight: 0.25, temperature: 10 },
    vlrLd: { weight: 0.25, temperature: 10 },
    kd: { weight: 10, temperature: 2 },
  },
} as const satisfies Record<string, DistillTerms>;
