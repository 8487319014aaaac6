import { TEACHER_JITTER } from "../lib/data/mod.ts";
import type { RunConfig } from "./config.ts";

/** How large an experiment is: how long it takes and what it can show. */
export type Scale = "smoke" | "small";

/** The pair that a table's rows are differences from. */
interface Pair {
  /** For a caption: the data and the networks. */
  readonly description: string;
  readonly teacher: RunConfig;
  /** The student without distillation. */
  readonly student: RunConfig;
}

const optimizer = {
  kind: "adamW",
  learningRate: 4e-3,
  weightDecay: 0.05,
} as const;

const head = {
  neckChannels: 64,
  headChannels: 64,
  headConvs: 2,
  groups: 32,
} as const;

const bccd = (split: string) => ({
  kind: "voc",
  train: [{ root: "data/bccd", split }],
  test: { root: "data/bccd", split: "test" },
  classes: ["RBC", "WBC", "Platelets"],
} as const);

// 73 of the 292 trainval images: a student with fewer labels than its teacher
// saw has something to learn from it. 24 epochs are 216 iterations.
const smallStudent: RunConfig = {
  data: bccd("student"),
  input: { kind: "stretch", width: 256, height: 192 },
  augmentation: { flips: true },
  model: {
    kind: "gfl",
    numClasses: 3,
    backbone: { depth: 18, baseWidth: 16 },
    ...head,
  },
  batchSize: 8,
  epochs: 24,
  optimizer,
  warmup: { iterations: 49, start: 1 / 50 },
  clipNorm: 35,
  terms: {},
  teacher: null,
};

const scenes = {
  kind: "scenes",
  seed: 1,
  train: 32,
  test: 16,
  height: 96,
  width: 128,
} as const;

const smokeStudent: RunConfig = {
  ...smallStudent,
  data: scenes,
  input: { kind: "stretch", width: 128, height: 96 },
  model: {
    kind: "gfl",
    numClasses: 3,
    backbone: { depth: 18, baseWidth: 8 },
    neckChannels: 16,
    headChannels: 16,
    headConvs: 1,
    groups: 8,
  },
  epochs: 8,
  warmup: { iterations: 4, start: 1 / 5 },
};

/**
 * The pairs of teacher and student by scale. `small` is a recipe whose results
 * with the reference implementation are known (README, "What to expect");
 * `smoke` only shows that everything runs.
 */
export const SCALES: Readonly<Record<Scale, Pair>> = {
  smoke: {
    description: "48 synthetic scenes of 128 × 96, GFL ResNet-18 of width 8",
    student: smokeStudent,
    teacher: {
      ...smokeStudent,
      model: { ...smokeStudent.model, backbone: { depth: 18, baseWidth: 12 } },
      epochs: 12,
    },
  },
  small: {
    description:
      "BCCD blood cells at 256 × 192; teacher GFL ResNet-34 of width 32 on " +
      "292 images, student GFL ResNet-18 of width 16 on 73 of them",
    student: smallStudent,
    teacher: {
      ...smallStudent,
      data: bccd("trainval"),
      augmentation: { flips: true, jitter: TEACHER_JITTER },
      model: { ...smallStudent.model, backbone: { depth: 34, baseWidth: 32 } },
      epochs: 18,
    },
  },
};
