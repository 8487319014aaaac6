import { createLoader } from "../lib/data/mod.ts";
import { type Detector, targetRuleOf } from "../lib/detectors/mod.ts";
import { termNeeds } from "../lib/distill/mod.ts";
import {
  type LoadedCheckpoint,
  makeTrainStep,
  restoreState,
  train,
  type TrainResult,
} from "../lib/train/mod.ts";
import { classesOf } from "./class_names.ts";
import { type RunConfig, runId } from "./config.ts";
import type { Splits } from "./data.ts";
import { epochEvaluation } from "./epoch_evaluation.ts";
import { EpochMeans } from "./epoch_means.ts";
import { keepsTeacher } from "./keeps_teacher.ts";
import { recordingOf } from "./recording_of.ts";
import type { RunOptions } from "./run.ts";
import { runSchedule } from "./run_schedule.ts";
import { shortestConfig } from "./shortest_config.ts";
import { withNumerics } from "./store.ts";
import { makeModules, makeOptimizer } from "./trained_parts.ts";

/** What the training of a run needs. */
export interface TrainingOptions extends RunOptions {
  readonly splits: Splits;
  readonly notice: (message: string) => void;
}

/** Iterations between two checkpoints at most: an epoch of COCO is thousands. */
const CHECKPOINT_ITERATIONS = 1000;
/** Nor more seconds: at full size a step takes many. */
const CHECKPOINT_SECONDS = 600;

/**
 * Trains a run's detector to the end, or until the signal stops it; stores the
 * mean terms of each epoch and what is measured on the way.
 *
 * @param found The checkpoint to go on from.
 * @throws {DivergenceError} If a term is not finite.
 */
export async function trainDetector(
  student: Detector,
  config: RunConfig,
  seed: number,
  found: LoadedCheckpoint | undefined,
  options: TrainingOptions,
): Promise<TrainResult> {
  const { store, splits, notice, signal, onProgress, onActivity } = options;
  const { regions, features } = termNeeds(config.terms);
  const modules = makeModules(config, student, seed);
  const optimizer = makeOptimizer(config, [student, modules]);
  const step = makeTrainStep({
    student,
    optimizer,
    clip: config.clipNorm ?? undefined,
    detectorLosses: config.detectorLosses ?? undefined,
    precision: config.precision ?? undefined,
    replicas: config.replicas ?? undefined,
    onNotice: notice,
    onRecord: (name) => onActivity?.(recordingOf(name)),
    ...(config.teacher && {
      distillation: {
        teacher: await options.teacher!(config.teacher, {
          features,
          keeps: keepsTeacher(config, splits.train.images, { features }),
          classes: classesOf(config.data),
        }),
        terms: config.terms,
        modules,
      },
    }),
  });
  const id = await runId(config, seed);
  const perEpoch = Math.floor(splits.train.images.length / config.batchSize);
  const total = perEpoch * config.epochs;
  const means = new EpochMeans((epoch, terms) =>
    store.addEpoch(id, epoch, terms)
  );
  const evaluate = epochEvaluation(student, config, {
    ...options,
    id,
    perEpoch,
  });
  try {
    if (found && options.evaluateEvery !== undefined) {
      // What a stop or a kill has left out.
      const { iteration } = found.checkpoint.position;
      const isKnown = store.get(id)!.evaluations
        .some(({ epoch }) => epoch * perEpoch === iteration);
      restoreState(step.state, found.checkpoint.tensors, found.path);
      if (!isKnown) await evaluate(iteration);
    }
    const result = await train({
      step,
      loader: (start) =>
        createLoader({
          dataset: splits.train,
          input: config.input,
          target: targetRuleOf(config.model),
          batchSize: config.batchSize,
          seed,
          augmentation: {
            flips: config.augmentation.flips,
            jitter: config.augmentation.jitter ?? undefined,
          },
          regions: config.teacher ? regions : [],
          epochs: config.epochs,
          start,
        }),
      schedule: runSchedule(config, perEpoch),
      totalIterations: total,
      checkpoints: {
        folder: store.runFolder(id),
        every: Math.min(perEpoch * 3, CHECKPOINT_ITERATIONS),
        everySeconds: CHECKPOINT_SECONDS,
        seeds: { run: seed },
        config: withNumerics(shortestConfig(config)),
        found,
      },
      signal,
      onNotice: notice,
      onProgress: async (progress) => {
        means.add(progress.epoch, progress.terms);
        // Before the checkpoint of this step, so that no epoch is left out.
        if (progress.iteration % perEpoch === 0) means.flush();
        onProgress?.(progress);
        await evaluate(progress.iteration);
      },
    });
    means.flush();
    return result;
  } finally {
    step.dispose();
    optimizer.dispose();
    modules.dispose();
  }
}
