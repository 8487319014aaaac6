import type { ResNetStyle } from "./residual_block.ts";

/** A GFL detector as plain data; what is not given is as published. */
export interface GflConfig {
  /** How many classes there are. */
  readonly numClasses: number;
  /** Layers of the ResNet: 18 and 34 have basic blocks, 50 and 101 bottlenecks. 50. */
  readonly depth?: 18 | 34 | 50 | 101;
  /**
   * Which convolution of a bottleneck has its stride: the 3 × 3 ("pytorch") or
   * the first 1 × 1 ("caffe", for weights that were trained so). "pytorch".
   */
  readonly style?: ResNetStyle;
  /** Channels of the stem and of the first stage before expansion. 64. */
  readonly baseWidth?: number;
  /** Channels of P3 to P7. 256. */
  readonly neckChannels?: number;
  /** Channels of the head's convolutions. 256. */
  readonly headChannels?: number;
  /** Convolutions in each of the head's two towers. 4. */
  readonly headConvs?: number;
  /** Groups of the head's group norms. 32. */
  readonly groups?: number;
  /** Largest distance of a side from the anchor's centre, in strides. 16. */
  readonly regMax?: number;
  /** Side of an anchor in strides. 8. */
  readonly anchorScale?: number;
  /**
   * Stages kept from training: −1 none, 0 the stem, 1 the stem and the first
   * stage, up to 4. −1; published configs use 1 on ImageNet weights.
   */
  readonly frozenStages?: -1 | 0 | 1 | 2 | 3 | 4;
  /**
   * Whether training uses the running statistics of batch norms and leaves them
   * alone. false; published configs use true on ImageNet weights.
   */
  readonly normEval?: boolean;
}

/** Pixels between the cells of P3 to P7; the architecture fixes them. */
export const STRIDES: readonly number[] = [8, 16, 32, 64, 128];

/**
 * Spells out every setting of a GFL detector, so that it can be stored, compared
 * or hashed.
 *
 * @param config The settings that differ from the published detector.
 * @returns All settings.
 * @throws {RangeError} If a setting is out of its range.
 * @see Li et al., "Generalized Focal Loss", NeurIPS 2020, section 4;
 * MMDetection's `gfl_r50_fpn_1x_coco.py`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { resolveGflConfig } from "ldlab/detectors/gfl_config.ts";
 *
 * const config = resolveGflConfig({ numClasses: 3, depth: 18 });
 * assert.equal(config.depth, 18);
 * assert.equal(config.neckChannels, 256);
 * ```
 */
export function resolveGflConfig(config: GflConfig): Required<GflConfig> {
  const resolved = {
    depth: 50,
    style: "pytorch",
    baseWidth: 64,
    neckChannels: 256,
    headChannels: 256,
    headConvs: 4,
    groups: 32,
    regMax: 16,
    anchorScale: 8,
    frozenStages: -1,
    normEval: false,
    ...config,
  } as const;
  const counts = [
    "numClasses",
    "baseWidth",
    "neckChannels",
    "headChannels",
    "headConvs",
    "groups",
    "regMax",
  ] as const;
  for (const name of counts) {
    if (!(Number.isInteger(resolved[name]) && resolved[name] > 0)) {
      throw outOfRange(name, "a whole number above 0", resolved[name]);
    }
  }
  if (![18, 34, 50, 101].includes(resolved.depth)) {
    throw outOfRange("depth", "18, 34, 50 or 101", resolved.depth);
  }
  if (!["pytorch", "caffe"].includes(resolved.style)) {
    throw outOfRange("style", "'pytorch' or 'caffe'", resolved.style);
  }
  if (![-1, 0, 1, 2, 3, 4].includes(resolved.frozenStages)) {
    throw outOfRange("frozenStages", "-1 to 4", resolved.frozenStages);
  }
  if (!(resolved.anchorScale > 0)) {
    throw outOfRange("anchorScale", "above 0", resolved.anchorScale);
  }
  if (resolved.headChannels % resolved.groups !== 0) {
    throw outOfRange(
      "groups",
      `a divisor of the ${resolved.headChannels} head channels`,
      resolved.groups,
    );
  }
  return resolved;
}

function outOfRange(name: string, right: string, value: unknown): RangeError {
  return new RangeError(
    `Cannot build GFL: ${name} must be ${right}: current value is ${value}`,
  );
}
