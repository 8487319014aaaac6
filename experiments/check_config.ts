import { checkInput } from "../lib/data/input.ts";
import {
  completeLossWeights,
  resolveDetectorConfig,
} from "../lib/detectors/mod.ts";
import { completeTerms } from "../lib/distill/mod.ts";
import { regionOptions } from "../lib/regions/mod.ts";
import { cachedFile } from "../lib/train/mod.ts";
import { classesOf } from "./class_names.ts";
import type {
  CocoData,
  CocoSplit,
  OptimizerConfig,
  RunConfig,
  ScenesData,
  ScheduleConfig,
  TeacherRun,
  TeacherWeights,
  VocData,
  VocSplit,
} from "./config.ts";
import {
  absentOr,
  below,
  byKind,
  byMember,
  type Check,
  count,
  inside,
  integer,
  listOf,
  notNegative,
  object,
  oneOf,
  passes,
  type Place,
  positive,
  share,
  text,
  wrong,
} from "./config_checks.ts";

const vocSplit = object<VocSplit>({ root: text, split: text });
const cocoSplit = object<CocoSplit>({ annotations: text, images: text });

const data = byKind({
  scenes: object<ScenesData>({
    kind: text,
    seed: integer,
    train: count,
    test: count,
    height: count,
    width: count,
  }),
  voc: object<VocData>({
    kind: text,
    train: listOf(vocSplit),
    repeat: absentOr(count),
    test: vocSplit,
    classes: listOf(text),
  }),
  coco: object<CocoData>({
    kind: text,
    root: text,
    train: cocoSplit,
    test: cocoSplit,
    classes: absentOr(listOf(text)),
    filterEmpty: absentOr(oneOf(true, false)),
    skipBad: absentOr(oneOf(true, false)),
  }),
});

const anything: Check = () => {};
const multiScale = object({ mode: text, scales: listOf(listOf(count)) });

const input: Check = (value, place) => {
  byKind({
    stretch: object({ kind: text, width: anything, height: anything }),
    keepRatio: object({
      kind: text,
      train: multiScale,
      test: listOf(count),
      buckets: anything,
      divisor: anything,
      normalisation: anything,
    }),
  })(value, place);
  passes(checkInput)(value, place);
};

const augmentation = object<RunConfig["augmentation"]>({
  flips: oneOf(true, false, "horizontal"),
  jitter: absentOr(object({
    scale: listOf(positive),
    logAspect: notNegative,
    minimumSide: notNegative,
  })),
});

const optimizer: Check = (value, place) => {
  const shared = {
    kind: text,
    learningRate: positive,
    weightDecay: notNegative,
    perBatch: absentOr(count),
  };
  const none = oneOf(undefined, null);
  byKind({
    adamW: object<OptimizerConfig>({ ...shared, momentum: none, biases: none }),
    sgd: object<OptimizerConfig>({
      ...shared,
      momentum: absentOr(below(1)),
      biases: absentOr(object({ rate: notNegative, decay: notNegative })),
    }),
  })(value, place);
};

type Steps = Extract<ScheduleConfig, { kind: "steps" }>;

const schedule = absentOr(byKind({
  cosine: object({ kind: text }),
  steps: object<Steps>({
    kind: text,
    epochs: listOf(count),
    factor: absentOr(share),
  }),
}));

const weights = byMember({
  path: object({ path: text }),
  url: (value, place) => {
    object({ url: text, sha256: absentOr(text) })(value, place);
    passes(cachedFile)(value, place);
  },
});

const teacher: Check = (value, place) => {
  if (value === null) return;
  byMember({
    config: object<TeacherRun>({ config: run, seed: integer }),
    model: object<TeacherWeights>({ model, weights }),
  })(value, place);
};

const model = passes(resolveDetectorConfig);

const terms = passes((value: RunConfig["terms"]) => {
  for (const { region } of Object.values(completeTerms(value))) {
    regionOptions(region);
  }
});

const members = object<RunConfig>({
  data,
  input,
  augmentation,
  model,
  initial: absentOr(byMember({
    backbone: object({ backbone: weights }),
    detector: object({ detector: weights }),
  })),
  batchSize: count,
  replicas: absentOr(count),
  epochs: count,
  optimizer,
  schedule,
  warmup: object({ iterations: count, start: share }),
  precision: absentOr(oneOf("bfloat16")),
  clipNorm: absentOr(positive),
  terms,
  detectorLosses: absentOr(passes(completeLossWeights)),
  inherit: absentOr(oneOf("neckAndHead")),
  teacher,
  evaluation: absentOr(oneOf("coco", "voc07")),
});

/** A config, and that of the run it learns from. */
function run(value: unknown, place: Place): void {
  members(value, place);
  const config = value as RunConfig;
  for (const name of ["clipNorm", "teacher"] as const) {
    // Not to be forgotten: each changes what the run is.
    if (config[name] !== undefined) continue;
    throw wrong(inside(place, name), "given; null says that there is none", "");
  }
  checkTogether(config, place);
}

/** What is in order by itself but does not go together. */
function checkTogether(config: RunConfig, place: Place): void {
  const { batchSize, replicas, epochs, schedule, detectorLosses } = config;
  if (batchSize % (replicas ?? 1) !== 0) {
    throw wrong(
      inside(place, "replicas"),
      `a divisor of batchSize, ${batchSize}`,
      replicas,
    );
  }
  if (schedule?.kind === "steps") {
    const rise = schedule.epochs.every((epoch, index) =>
      epoch > (schedule.epochs[index - 1] ?? 0) && epoch < epochs
    );
    if (!rise) {
      throw wrong(
        inside(place, "schedule.epochs"),
        `rising and below the run's ${epochs} epochs`,
        schedule.epochs,
      );
    }
  }
  const { kind, numClasses } = config.model;
  const classes = classesOf(config.data);
  if (numClasses !== classes.length) {
    throw wrong(
      inside(place, "model.numClasses"),
      `the number of the data's classes, ${classes.length}`,
      numClasses,
    );
  }
  if (
    kind !== "gfl" && kind !== "gflV2" &&
    Object.keys(detectorLosses ?? {}).length > 0
  ) {
    throw wrong(
      inside(place, "detectorLosses"),
      `absent for '${kind}', which has none of GFL's losses`,
      detectorLosses,
    );
  }
  if (config.augmentation.jitter && config.input.kind !== "stretch") {
    throw wrong(
      inside(place, "augmentation.jitter"),
      "absent unless images are stretched",
      config.augmentation.jitter,
    );
  }
}

/**
 * Refuses a config that is not in order, before anything is read or run: an
 * option that does not exist, a value out of its range, values that do not go
 * together. Configs come from notebooks and command lines too, which no compiler
 * has seen: a misspelt option would be a run of its own that equals the run
 * without it.
 *
 * What a teacher and its student must have in common is `checkTeacher`'s affair.
 *
 * @param config What is looked at, its teacher's run included.
 * @param label What the run is called in an error; `a run` unless given.
 * @throws {RangeError} If something is not in order; names it by its path.
 * @throws {TypeError} If terms are missing.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { checkRunConfig } from "./check_config.ts";
 * import { SCALES } from "./scales.ts";
 * const config = { ...SCALES.small.student, detectorLoss: { dfl: 0 } };
 * assert.throws(() => checkRunConfig(config), /did you mean 'detectorLosses'/);
 * ```
 */
export function checkRunConfig(config: RunConfig, label = "a run"): void {
  run(config, { label, path: "" });
}
