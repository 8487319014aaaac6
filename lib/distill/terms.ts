import type { DetectorLossWeights } from "../detectors/gfl_loss_weights.ts";
import type { FgdSettings } from "../losses/fgd_settings.ts";
import type { ImitationOptions } from "../losses/imitation.ts";
import type { ClassDistillationOptions } from "../losses/kd.ts";
import type { LocalizationDistillationOptions } from "../losses/ld.ts";
import type { TeacherBoundedRegressionOptions } from "../losses/tbr.ts";
import type { Region } from "../regions/region.ts";

/**
 * Where a term looks and how its locations become one number:
 *
 * loss = weight · Σ_a u_a ℓ_a / (dividedBy · N)
 *
 * with ℓ the element-wise loss, a the locations of the batch, u and N as below.
 */
export interface Weighing {
  /** Which locations count. Any loss goes with any region. */
  readonly region: Region;
  /**
   * Factor of the term's loss, finite; the released code's `loss_weight`. A term
   * of weight 0 is not computed.
   */
  readonly weight: number;
  /**
   * u: `region`, the region's own weights, as the IoU of the released VLR;
   * `mask`, 1 in the region; `score`, the region's weights times the student's
   * largest class score (`scoreWeights`).
   */
  readonly weightedBy?: "region" | "mask" | "score";
  /** Above 0: the fixed part of the released `avg_factor`. */
  readonly dividedBy?: number;
  /**
   * N: `nothing`, 1, so that the loss is a sum and grows with the batch;
   * `count`, the region's locations in the batch; `levelCount`, those on the
   * location's level, so that a level with one counts as much as one with
   * hundreds; `scores`, the sum of the positives' scores, as GFL's box losses.
   * None is below 1, but for `scores`, which has 1e-6 added.
   */
  readonly normalizedBy?: "nothing" | "count" | "levelCount" | "scores";
}

/** Localization distillation. ℓ is summed over the four sides. */
export interface LdTerm
  extends
    Weighing,
    Readonly<Omit<LocalizationDistillationOptions, "temperature">> {
  readonly loss: "ld";
  /** τ, above 0; 10 unless given. */
  readonly temperature?: number;
  /**
   * `separate`: a softmax over the n bins of each side, as the paper and the
   * released heads of GFL, ATSS and FCOS; `joint`: one softmax over the 4·n bins
   * of all sides, and their mean, as the released head of RetinaNet.
   */
  readonly edges?: "separate" | "joint";
}

/** Classification distillation. */
export interface KdTerm
  extends Weighing, Readonly<Omit<ClassDistillationOptions, "temperature">> {
  readonly loss: "kd";
  /** τ, above 0; 2 unless given. */
  readonly temperature?: number;
}

/**
 * Teacher bounded regression. Only positives have a box to regress to, so only
 * the positives of the region count. It is added to the detector's own box loss;
 * `detectorLosses: { giou: 0 }` puts it in place of that. The paper says neither
 * which, nor λ, which is `weight`, nor how it is normalised, nor the unit of ε;
 * no code was released. The defaults are our choice.
 */
export interface TbrTerm
  extends Weighing, Readonly<TeacherBoundedRegressionOptions> {
  readonly loss: "tbr";
  /** What ε and the distance are measured in: strides of the level, or pixels. */
  readonly unit?: "strides" | "pixels";
}

/** Imitation of the features of the neck. ℓ is the mean over channels. */
export interface ImitationTerm extends Weighing, Readonly<ImitationOptions> {
  readonly loss: "imitation";
  /**
   * A trained convolution on the student's features, one a level: `none` as
   * released, else its kernel. It is needed where the widths differ. Terms with
   * the same kernel share it.
   */
  readonly adaptation?: "none" | "1x1" | "3x3";
  /**
   * A level on which no location is positive: `skipped`, as released, though the
   * region may have locations there; or `kept`.
   */
  readonly emptyLevels?: "skipped" | "kept";
}

/**
 * Focal and global distillation of the features. `region` is the foreground with
 * its weights, `backgroundRegion` the rest with its own. `temperature` and the
 * weights of the four parts are as published for GFL unless given; see
 * `FGD_SETTINGS` for other detectors. Where the widths differ a trained 1 × 1
 * convolution on the student's features, one a level, adapts them.
 */
export interface FgdTerm extends Readonly<Partial<FgdSettings>> {
  readonly loss: "fgd";
  readonly region: Region;
  readonly backgroundRegion?: Region;
  /** Factor of the whole, finite. The four parts have weights of their own. */
  readonly weight: number;
}

/** One distillation term: a loss, where it looks, and how much it counts. */
export type DistillTerm = LdTerm | KdTerm | TbrTerm | ImitationTerm | FgdTerm;

/**
 * What a student learns from its teacher: terms by the names under which their
 * losses are reported. Plain data; an ablation's row is a difference by spread.
 */
export type DistillTerms = Readonly<Record<string, DistillTerm>>;

/** What a student is trained with. Plain data. */
export interface DistillSettings {
  readonly terms: DistillTerms;
  /** Weights of the detector's own losses, where they differ from published. */
  readonly detectorLosses?: DetectorLossWeights;
}
