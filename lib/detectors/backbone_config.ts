import {
  BACKBONE_NORM_GROUPS,
  type BackboneNorm,
  type NormEval,
} from "./backbone_norm.ts";
import type { ResNetStyle } from "./residual_block.ts";

/** Which stages of a backbone have deformable convolutions. */
export interface DeformableStages {
  /** 1: taps learn where they look; 2: they also learn how much they count. */
  readonly version: 1 | 2;
  /** 2 to 4 for `layer2` to `layer4`, which give C3 to C5; each once. */
  readonly stages: readonly (2 | 3 | 4)[];
}

/** What every backbone has. */
interface AnyBackboneConfig {
  /** Channels of the stem and of the first stage before expansion. 64. */
  readonly baseWidth?: number;
  /**
   * Stages kept from training: −1 none, 0 the stem, 1 the stem and the first
   * stage, up to 4. −1; published configs use 1 on ImageNet weights.
   */
  readonly frozenStages?: -1 | 0 | 1 | 2 | 3 | 4;
  /**
   * Whether training uses the running statistics of batch norms and leaves them
   * alone; "frozen" leaves their scales and shifts alone too. false; published
   * configs use true on ImageNet weights, FCOS's "frozen".
   */
  readonly normEval?: NormEval;
  /**
   * Deformable convolutions in place of the 3 × 3 ones of bottlenecks; null, for
   * none. Published configs use version 1 in stages 2, 3 and 4.
   */
  readonly deformable?: DeformableStages | null;
}

/** A ResNet as plain data. */
export interface ResNetConfig extends AnyBackboneConfig {
  readonly kind?: "resnet";
  /** Layers: 18 and 34 have basic blocks, 50 and 101 bottlenecks. 50. */
  readonly depth?: 18 | 34 | 50 | 101;
  /**
   * Which convolution of a bottleneck has its stride: the 3 × 3 ("pytorch") or
   * the first 1 × 1 ("caffe", for weights that were trained so). "pytorch".
   */
  readonly style?: ResNetStyle;
  /**
   * Norms over the batch ("batch") or over 32 groups of an image's channels
   * ("group", for a baseWidth that 32 divides). "batch".
   */
  readonly norm?: BackboneNorm;
}

/** A ResNeXt as plain data. */
export interface ResNeXtConfig extends AnyBackboneConfig {
  readonly kind: "resnext";
  /** Layers. 50; published configs use 101. */
  readonly depth?: 50 | 101;
  /** Groups of the 3 × 3 convolutions. 32. */
  readonly groups?: number;
  /** Channels of a group in the first stage while `baseWidth` is 64, 1 or more. 4. */
  readonly baseWidthPerGroup?: number;
  /** As ResNet's. "pytorch". */
  readonly style?: ResNetStyle;
}

/** A Res2Net as plain data. */
export interface Res2NetConfig extends AnyBackboneConfig {
  readonly kind: "res2net";
  /** Layers. 50; published configs use 101. */
  readonly depth?: 50 | 101;
  /** Parts of a block, 2 or more. 4. */
  readonly scales?: number;
  /** Channels of a part in the first stage while `baseWidth` is 64, 1 or more. 26. */
  readonly baseWidthPerScale?: number;
}

/** A backbone as plain data; what is not given is as published. */
export type BackboneConfig = ResNetConfig | ResNeXtConfig | Res2NetConfig;

/** A backbone with every setting spelt out. */
export type ResolvedBackboneConfig =
  | Required<ResNetConfig>
  | Required<ResNeXtConfig>
  | Required<Res2NetConfig>;

const EVERY = {
  baseWidth: 64,
  frozenStages: -1,
  normEval: false,
  deformable: null,
} as const;

const DEFAULTS = {
  resnet: {
    kind: "resnet",
    depth: 50,
    style: "pytorch",
    norm: "batch",
    ...EVERY,
  },
  resnext: {
    kind: "resnext",
    depth: 50,
    groups: 32,
    baseWidthPerGroup: 4,
    style: "pytorch",
    ...EVERY,
  },
  res2net: {
    kind: "res2net",
    depth: 50,
    scales: 4,
    baseWidthPerScale: 26,
    ...EVERY,
  },
} as const satisfies { [K in string]: ResolvedBackboneConfig & { kind: K } };

type Check = readonly [right: string, fits: (value: unknown) => boolean];

const oneOf = (...values: readonly unknown[]): Check => [
  values.map((value) => typeof value === "string" ? `'${value}'` : `${value}`)
    .join(", ").replace(/, ([^,]*)$/, " or $1"),
  (value) => values.includes(value),
];
const wholeFrom = (least: number): Check => [
  `a whole number of ${least} or more`,
  (value) => Number.isInteger(value) && value as number >= least,
];
const oneOrMore: Check = [
  "1 or more",
  (value) => Number.isFinite(value) && value as number >= 1,
];

const CHECKS: Readonly<Record<string, Check>> = {
  baseWidth: wholeFrom(1),
  frozenStages: oneOf(-1, 0, 1, 2, 3, 4),
  normEval: oneOf(true, false, "frozen"),
  style: oneOf("pytorch", "caffe"),
  norm: oneOf("batch", "group"),
  groups: wholeFrom(1),
  baseWidthPerGroup: oneOrMore,
  scales: wholeFrom(2),
  baseWidthPerScale: oneOrMore,
};

/**
 * Spells out every setting of a backbone, so that it can be stored, compared or
 * hashed.
 *
 * @param config The settings that differ from the published backbone; none for
 * ResNet-50.
 * @returns All settings.
 * @throws {RangeError} If a setting is out of its range, does not go with the
 * others, or is none of this kind of backbone's.
 * @see MMDetection 3.3.0, `ResNet`, `ResNeXt` and `Res2Net`, whose basic blocks
 * have no deformable convolutions either.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { resolveBackboneConfig } from "ldlab/detectors/backbone_config.ts";
 *
 * const config = resolveBackboneConfig({
 *   kind: "resnext", depth: 101, deformable: { version: 1, stages: [2, 3, 4] },
 * });
 * assert.equal(config.baseWidth, 64);
 * assert.equal(resolveBackboneConfig().depth, 50);
 * ```
 */
export function resolveBackboneConfig(
  config: BackboneConfig = {},
): ResolvedBackboneConfig {
  const kind = config.kind ?? "resnet";
  if (!Object.hasOwn(DEFAULTS, kind)) {
    throw outOfRange("kind", oneOf(...Object.keys(DEFAULTS))[0], kind);
  }
  const defaults: ResolvedBackboneConfig = DEFAULTS[kind];
  for (const name of Object.keys(config)) {
    if (!Object.hasOwn(defaults, name)) {
      throw new RangeError(
        `Cannot build a backbone: a setting of '${kind}' must be one of ` +
          `${Object.keys(defaults).join(", ")}: current one is "${name}"`,
      );
    }
  }
  const given = Object.entries(config).filter(([, value]) =>
    value !== undefined
  );
  const resolved: ResolvedBackboneConfig = {
    ...defaults,
    ...Object.fromEntries(given),
  };
  const depths = kind === "resnet" ? [18, 34, 50, 101] : [50, 101];
  const checks = { ...CHECKS, depth: oneOf(...depths) };
  for (const [name, value] of Object.entries(resolved)) {
    const [right, fits] = checks[name as keyof typeof checks] ?? [];
    if (right && !fits(value)) throw outOfRange(name, right, value);
  }
  if (resolved.kind === "res2net" && resolved.baseWidth % 2 !== 0) {
    throw outOfRange("baseWidth", "even for 'res2net'", resolved.baseWidth);
  }
  if (
    resolved.kind === "resnet" && resolved.norm === "group" &&
    resolved.baseWidth % BACKBONE_NORM_GROUPS !== 0
  ) {
    throw outOfRange(
      "baseWidth",
      `a multiple of ${BACKBONE_NORM_GROUPS}, the groups of its norms`,
      resolved.baseWidth,
    );
  }
  return resolved.deformable === null
    ? resolved
    : { ...resolved, deformable: resolveDeformable(resolved) };
}

function resolveDeformable(
  { deformable, depth }: ResolvedBackboneConfig,
): DeformableStages {
  const { version, stages, ...others } = { ...deformable! };
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new RangeError(
      `Cannot build a backbone: a setting of deformable must be one of version, stages: current one is "${unknown}"`,
    );
  }
  if (depth < 50) {
    throw outOfRange("depth", "50 or 101 for deformable stages", depth);
  }
  if (version !== 1 && version !== 2) {
    throw outOfRange("deformable.version", "1 or 2", version);
  }
  if (
    !Array.isArray(stages) || stages.length === 0 ||
    !stages.every((stage) => [2, 3, 4].includes(stage)) ||
    new Set(stages).size < stages.length
  ) {
    throw outOfRange(
      "deformable.stages",
      "some of 2, 3 and 4, each once",
      JSON.stringify(stages),
    );
  }
  return { version, stages: stages.toSorted() };
}

function outOfRange(name: string, right: string, value: unknown): RangeError {
  return new RangeError(
    `Cannot build a backbone: ${name} must be ${right}: current value is ${value}`,
  );
}
