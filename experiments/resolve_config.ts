import type { KeepRatioInput, StretchInput } from "../lib/data/mod.ts";
import {
  completeLossWeights,
  type ResolvedDetectorConfig,
  resolveDetectorConfig,
} from "../lib/detectors/mod.ts";
import { type CompleteTerm, completeTerms } from "../lib/distill/mod.ts";
import { type Region, regionOptions } from "../lib/regions/mod.ts";
import type { WeightSource } from "../lib/train/mod.ts";
import { checkRunConfig } from "./check_config.ts";
import { COCO_CLASSES } from "./class_names.ts";
import type {
  CocoData,
  DataConfig,
  OptimizerConfig,
  RunConfig,
  ScenesData,
  ScheduleConfig,
  VocData,
} from "./config.ts";

type ResolvedSchedule = { readonly kind: "cosine" } | {
  readonly kind: "steps";
  readonly epochs: readonly number[];
  readonly factor: number;
};

/** A run's config with every setting spelt out; `null` is for what is absent. */
export interface ResolvedRunConfig extends Required<RunConfig> {
  readonly data: ScenesData | Required<VocData> | Required<CocoData>;
  readonly input: StretchInput | Required<KeepRatioInput>;
  readonly augmentation: Required<RunConfig["augmentation"]>;
  readonly model: ResolvedDetectorConfig;
  readonly replicas: number;
  readonly optimizer: Required<OptimizerConfig>;
  readonly schedule: ResolvedSchedule;
  readonly terms: Readonly<Record<string, CompleteTerm>>;
  readonly teacher:
    | { readonly config: ResolvedRunConfig; readonly seed: number }
    | {
      readonly model: ResolvedDetectorConfig;
      readonly weights: WeightSource;
    }
    | null;
  readonly evaluation: "coco" | "voc07";
}

/**
 * Spells out every setting of a run, those of its network, its terms and its
 * teacher included, so that it can be shown, changed or compared.
 *
 * @param config A config, resolved or not. It is checked first.
 * @returns The same run: a config itself.
 * @throws {RangeError | TypeError} As `checkRunConfig()`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { resolveRunConfig } from "./resolve_config.ts";
 * import { SCALES } from "./scales.ts";
 * const { schedule, replicas, model } = resolveRunConfig(SCALES.small.student);
 * assert.deepEqual(schedule, { kind: "cosine" });
 * assert.equal(replicas, 1);
 * assert.equal(model.regMax, 16);
 * ```
 */
export function resolveRunConfig(config: RunConfig): ResolvedRunConfig {
  checkRunConfig(config);
  const { augmentation, teacher } = config;
  const model = resolveDetectorConfig(config.model);
  const isGfl = model.kind === "gfl" || model.kind === "gflV2";
  return {
    data: resolveData(config.data),
    input: resolveInput(config.input),
    augmentation: {
      flips: augmentation.flips,
      jitter: augmentation.jitter ?? null,
    },
    model,
    initial: config.initial ?? null,
    batchSize: config.batchSize,
    replicas: config.replicas ?? 1,
    epochs: config.epochs,
    optimizer: resolveOptimizer(config.optimizer),
    schedule: resolveSchedule(config.schedule),
    warmup: config.warmup,
    precision: config.precision ?? null,
    clipNorm: config.clipNorm,
    terms: resolveTerms(config.terms),
    detectorLosses: isGfl
      ? completeLossWeights(config.detectorLosses ?? {})
      : null,
    inherit: config.inherit ?? null,
    teacher: teacher &&
      ("config" in teacher
        ? { config: resolveRunConfig(teacher.config), seed: teacher.seed }
        : {
          model: resolveDetectorConfig(teacher.model),
          weights: teacher.weights,
        }),
    evaluation: config.evaluation ?? "coco",
  };
}

function resolveData(data: DataConfig): ResolvedRunConfig["data"] {
  switch (data.kind) {
    case "scenes":
      return data;
    case "voc":
      return { ...data, repeat: data.repeat ?? 1 };
    case "coco":
      return {
        ...data,
        classes: data.classes ?? COCO_CLASSES,
        filterEmpty: data.filterEmpty ?? true,
        skipBad: data.skipBad ?? false,
      };
  }
}

function resolveInput(input: RunConfig["input"]): ResolvedRunConfig["input"] {
  if (input.kind === "stretch") return input;
  return {
    ...input,
    buckets: input.buckets ?? 8,
    divisor: input.divisor ?? 32,
    normalisation: input.normalisation ?? "imagenetRgb",
  };
}

function resolveOptimizer(
  { kind, learningRate, weightDecay, momentum, perBatch, biases }:
    OptimizerConfig,
): Required<OptimizerConfig> {
  return {
    kind,
    learningRate,
    weightDecay,
    momentum: kind === "sgd" ? momentum ?? 0.9 : null,
    perBatch: perBatch ?? null,
    biases: biases ?? null,
  };
}

function resolveSchedule(
  schedule: ScheduleConfig | null | undefined,
): ResolvedSchedule {
  if (schedule?.kind !== "steps") return { kind: "cosine" };
  return { ...schedule, factor: schedule.factor ?? 0.1 };
}

function resolveTerms(
  terms: RunConfig["terms"],
): Readonly<Record<string, CompleteTerm>> {
  const spelt = (region: Region) =>
    ({ kind: region.kind, ...regionOptions(region) }) as Region;
  const resolved = Object.entries(completeTerms(terms)).map(([name, term]) =>
    [name, {
      ...term,
      region: spelt(term.region),
      ...("backgroundRegion" in term && {
        backgroundRegion: spelt(term.backgroundRegion),
      }),
    } as CompleteTerm] as const
  );
  return Object.fromEntries(resolved);
}
