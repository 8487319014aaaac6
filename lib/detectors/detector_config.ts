import {
  type BackboneConfig,
  resolveBackboneConfig,
  type ResolvedBackboneConfig,
} from "./backbone_config.ts";
import { TOWER_INITS, type TowerInit } from "./head_tower.ts";

/** The dense detectors. */
export const DETECTOR_KINDS = [
  "gfl",
  "gflV2",
  "atss",
  "fcos",
  "retina",
] as const;

/** A dense detector's head, losses and targets. */
export type DetectorKind = typeof DETECTOR_KINDS[number];

/** A dense detector as plain data; what is not given is as published. */
export interface DetectorConfig {
  /** Its head, and what goes with it: targets, losses, decoding. */
  readonly kind: DetectorKind;
  /** How many classes there are. */
  readonly numClasses: number;
  /** ResNet-50 unless given. */
  readonly backbone?: BackboneConfig;
  /** Channels of P3 to P7. 256. */
  readonly neckChannels?: number;
  /** Channels of the head's convolutions. 256. */
  readonly headChannels?: number;
  /** Convolutions in each of the head's two towers. 4. */
  readonly headConvs?: number;
  /** Groups of the head's group norms, 32; RetinaNet's head has none. */
  readonly groups?: number;
  /**
   * Largest distance of a side from the anchor's centre, in strides: boxes are
   * distributions, which localization distillation needs. 16. `null`: boxes are
   * four deltas (ATSS, RetinaNet) or distances (FCOS), as these were published.
   */
  readonly regMax?: number | null;
  /**
   * Side of an anchor in strides: 8, RetinaNet's smallest of three 4. FCOS has
   * points; its regions take anchors of this side.
   */
  readonly anchorScale?: number;
  /**
   * How the convolutions of the head's two towers start. `"normal"`: with
   * deviation 0.01, as published, which is made for 256 channels. `"kaiming"`:
   * as the backbone's, for narrow towers without norms, as RetinaNet's; behind
   * 64 channels at 0.01 its distributions do not learn.
   */
  readonly towerInit?: TowerInit;
}

/** A detector's config with every setting spelt out. */
export interface ResolvedDetectorConfig extends Required<DetectorConfig> {
  readonly backbone: ResolvedBackboneConfig;
}

/**
 * Spells out every setting of a detector, so that it can be stored, compared or
 * hashed.
 *
 * @param config The settings that differ from the published detector.
 * @returns All settings.
 * @throws {RangeError} If a setting is unknown or out of its range.
 * @see Li et al., "Generalized Focal Loss", NeurIPS 2020, section 4;
 * MMDetection's `gfl_r50_fpn_1x_coco.py` and its like.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { resolveDetectorConfig } from "ldlab/detectors/detector_config.ts";
 *
 * const config = resolveDetectorConfig({
 *   kind: "gfl", numClasses: 3, backbone: { depth: 18 },
 * });
 * assert.equal(config.backbone.depth, 18);
 * assert.equal(config.neckChannels, 256);
 * ```
 */
export function resolveDetectorConfig(
  config: DetectorConfig,
): ResolvedDetectorConfig {
  const { kind } = config;
  if (!DETECTOR_KINDS.includes(kind)) {
    throw outOfRange("kind", DETECTOR_KINDS.join(", "), kind);
  }
  const given = Object.entries(config)
    .filter(([, value]) => value !== undefined);
  const resolved = {
    kind,
    numClasses: NaN,
    neckChannels: 256,
    headChannels: 256,
    headConvs: 4,
    groups: 32,
    regMax: 16,
    anchorScale: kind === "retina" ? 4 : 8,
    towerInit: "normal",
    ...Object.fromEntries(given),
    backbone: resolveBackboneConfig(config.backbone ?? {}),
  } as ResolvedDetectorConfig;
  for (const name of Object.keys(resolved)) {
    if (name in SETTINGS) continue;
    throw new RangeError(
      `Cannot build a detector: settings are ${
        Object.keys(SETTINGS).join(", ")
      }: current one is '${name}'`,
    );
  }
  const counts = [
    "numClasses",
    "neckChannels",
    "headChannels",
    "headConvs",
    "groups",
  ] as const;
  for (const name of counts) requireCount(name, resolved[name]);
  if (resolved.regMax === null) {
    if (kind === "gfl" || kind === "gflV2") {
      throw outOfRange("regMax", `a number, as ${kind} has no plain box`, null);
    }
  } else requireCount("regMax", resolved.regMax);
  if (!(resolved.anchorScale > 0)) {
    throw outOfRange("anchorScale", "above 0", resolved.anchorScale);
  }
  if (!TOWER_INITS.includes(resolved.towerInit)) {
    throw outOfRange("towerInit", TOWER_INITS.join(" or "), resolved.towerInit);
  }
  if (kind !== "retina" && resolved.headChannels % resolved.groups !== 0) {
    throw outOfRange(
      "groups",
      `a divisor of the ${resolved.headChannels} head channels`,
      resolved.groups,
    );
  }
  return resolved;
}

/** All settings: the compiler looks. */
const SETTINGS: Readonly<Record<keyof DetectorConfig, true>> = {
  kind: true,
  numClasses: true,
  backbone: true,
  neckChannels: true,
  headChannels: true,
  headConvs: true,
  groups: true,
  regMax: true,
  anchorScale: true,
  towerInit: true,
};

function requireCount(name: string, value: number): void {
  if (Number.isInteger(value) && value > 0) return;
  throw outOfRange(name, "a whole number above 0", value);
}

function outOfRange(name: string, right: string, value: unknown): RangeError {
  return new RangeError(
    `Cannot build a detector: ${name} must be ${right}: current value is ${value}`,
  );
}
