import {
  cosineSchedule,
  linearWarmup,
  type Schedule,
  stepSchedule,
} from "../lib/train/mod.ts";
import type { RunConfig } from "./config.ts";

/**
 * The learning rate of a run after its warm-up: as it is given, or scaled from
 * the batch it is given for to the run's.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { learningRateOf } from "./run_schedule.ts";
 * const optimizer = {
 *   kind: "sgd", learningRate: 0.01, perBatch: 16, weightDecay: 1e-4,
 * } as const;
 * assert.equal(learningRateOf({ optimizer, batchSize: 6 }), 0.00375);
 * ```
 */
export function learningRateOf(
  { optimizer, batchSize }: Pick<RunConfig, "optimizer" | "batchSize">,
): number {
  const { learningRate, perBatch } = optimizer;
  return perBatch ? learningRate * batchSize / perBatch : learningRate;
}

/**
 * The learning rate of every iteration of a run.
 *
 * @param config The run.
 * @param perEpoch Iterations of an epoch.
 */
export function runSchedule(config: RunConfig, perEpoch: number): Schedule {
  const { schedule, warmup, epochs } = config;
  const rate = learningRateOf(config);
  const falling = schedule?.kind === "steps"
    ? stepSchedule(
      rate,
      schedule.epochs.map((epoch) => epoch * perEpoch),
      schedule.factor ?? undefined,
    )
    : cosineSchedule(rate, epochs * perEpoch);
  return linearWarmup(falling, warmup);
}
