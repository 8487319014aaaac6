/** Temperature and weights of FGD for one kind of detector. */
export interface FgdSettings {
  /** τ of the attention. */
  readonly temperature: number;
  /** α, the weight of the loss on the foreground. */
  readonly foreground: number;
  /** β, of the loss on the background. */
  readonly background: number;
  /** γ, of the loss of the attention. */
  readonly attention: number;
  /** λ, of the loss of the relations. */
  readonly relation: number;
}

const oneStage: FgdSettings = {
  temperature: 0.5,
  foreground: 1e-3,
  background: 5e-4,
  attention: 5e-4,
  relation: 5e-6,
};

const anchorFree: FgdSettings = {
  temperature: 0.5,
  foreground: 1.6e-3,
  background: 8e-4,
  attention: 8e-4,
  relation: 8e-6,
};

const twoStage: FgdSettings = {
  temperature: 0.5,
  foreground: 5e-5,
  background: 2.5e-5,
  attention: 5e-5,
  relation: 5e-7,
};

/**
 * The published settings of FGD by detector: of the released configs, and, as
 * `classDefault`, what the released class takes where a config says nothing.
 *
 * L = foreground · L_foreground + background · L_background
 *   + attention · L_attention + relation · L_relation, summed over the levels
 *
 * @see Yang et al., Focal and Global Knowledge Distillation for Detectors, CVPR
 * 2022, section 4; yzd-v/FGD `configs/distillers/fgd`, `FeatureLoss`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FGD_SETTINGS } from "ldlab/losses/fgd_settings.ts";
 *
 * assert.equal(FGD_SETTINGS.gfl.foreground, 1e-3);
 * assert.equal(FGD_SETTINGS.fcos.temperature, 0.8);
 * ```
 */
export const FGD_SETTINGS = {
  classDefault: { ...oneStage, attention: 1e-3 },
  retina: oneStage,
  gfl: oneStage,
  solo: oneStage,
  fcos: { ...anchorFree, temperature: 0.8 },
  repPoints: anchorFree,
  fasterRcnn: twoStage,
  maskRcnn: twoStage,
} as const satisfies Record<string, FgdSettings>;
