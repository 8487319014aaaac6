/** A run of a second: what it learns does not matter. */
import type { RunConfig } from "../../experiments/config.ts";
import { tinyConfig } from "../train/tiny_detector.ts";

/** Two steps an epoch, four epochs. */
export const tiny: RunConfig = {
  data: {
    kind: "scenes",
    seed: 1,
    train: 4,
    test: 2,
    height: 64,
    width: 64,
  },
  input: { kind: "stretch", width: 64, height: 64 },
  augmentation: { flips: true },
  model: tinyConfig,
  batchSize: 2,
  epochs: 4,
  optimizer: { kind: "adamW", learningRate: 4e-3, weightDecay: 0.05 },
  warmup: { iterations: 3, start: 1 / 4 },
  clipNorm: 35,
  terms: {},
  teacher: null,
};

/** Steps of {@linkcode tiny}. */
export const TINY_STEPS = 8;
