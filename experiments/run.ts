import { createLoader } from "../lib/data/mod.ts";
import {
  createDetector,
  type Detector,
  targetRuleOf,
} from "../lib/detectors/mod.ts";
import { termNeeds } from "../lib/distill/mod.ts";
import { openRunEngine } from "./run_engine.ts";
import {
  type LoadedCheckpoint,
  makeTrainStep,
  type Progress,
  train,
  type TrainResult,
} from "../lib/train/mod.ts";
import { classesOf } from "./class_names.ts";
import { type RunConfig, runId } from "./config.ts";
import { readSplits, type Splits } from "./data.ts";
import { EpochMeans } from "./epoch_means.ts";
import { inheritFromTeacher } from "./inheritance.ts";
import { keepsTeacher } from "./keeps_teacher.ts";
import { measure } from "./measure.ts";
import { lockRun } from "./run_lock.ts";
import { runSchedule } from "./run_schedule.ts";
import { findRunWeights, loadInitialWeights } from "./run_weights.ts";
import { shortestConfig } from "./shortest_config.ts";
import { type RunRecord, type RunStore, withNumerics } from "./store.ts";
import type { OpenTeachers } from "./teachers.ts";
import { makeModules, makeOptimizer } from "./trained_parts.ts";
import { usableCheckpoint } from "./usable_checkpoint.ts";
import { saveWeights, weightsProblem } from "./weights.ts";

/** What a run tells while it goes on. */
export interface RunOptions {
  readonly store: RunStore;
  /** What the run is called where runs are listed. */
  readonly label: string;
  /** The run's data, where the caller has read it. */
  readonly splits?: Splits;
  /** Opens the frozen teacher; asked only if the run has one. */
  readonly teacher?: OpenTeachers["outputs"];
  /** Whether weights that the config names may be downloaded; false unless given. */
  readonly allowDownload?: boolean;
  /**
   * Whether the weights are wanted and not only the results: a finished run
   * without whole weights is run again then, from its last checkpoint if it can.
   */
  readonly weights: boolean;
  /** Stops the run after its current step; it goes on when asked for again. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Told what begins where it is no step, as `evaluating`; awaited. */
  readonly onActivity?: (activity: string) => void | Promise<void>;
  /** Told after each test image how many of how many are done. */
  readonly onImage?: (done: number, total: number) => void;
  /** Told at once what the user should know. */
  readonly onNotice?: (message: string) => void;
}

/** Iterations between two checkpoints at most: an epoch of COCO is thousands. */
const CHECKPOINT_ITERATIONS = 1000;
/** Nor more seconds: at full size a step takes many. */
const CHECKPOINT_SECONDS = 600;

/** What goes on while a compiled step is recorded. */
export const recordingOf = (step: string): string =>
  `recording the step '${step}'`;

/**
 * Does a run: trains, evaluates, stores the results and the weights. A finished
 * run is taken from the store, an interrupted one goes on from its checkpoint.
 * One that another process is at is waited for.
 *
 * @param config What to run.
 * @param seed Of the start values and the order of the images.
 * @returns The finished run, or `null` if the signal stopped it.
 */
export async function executeRun(
  config: RunConfig,
  seed: number,
  options: RunOptions,
): Promise<RunRecord | null> {
  const { store, label, signal } = options;
  const { onNotice: notice = () => {} } = options;
  const known = await finishedRun(config, seed, options);
  if (known) return known;
  if (signal?.aborted) return null;
  const splits = options.splits ?? await readSplits(config.data, notice);
  const id = await runId(config, seed);
  using lock = await lockRun(store.lockFile(id), {
    signal,
    onWait: () =>
      notice(
        `${label}, seed ${seed}, is being run by another process; waiting for it`,
      ),
  });
  if (lock === null) return null;
  if (store.finished(id)) { // by the other process, or its weights are not whole
    const problem = options.weights &&
      await weightsProblem({ config, seed, store });
    if (!problem) return store.finished(id)!;
    notice(`${problem}. ${label}, seed ${seed}, is run again`);
  }
  return await startRun(config, seed, { ...options, splits, notice });
}

/**
 * A run if it is finished and what is wanted of it is there.
 *
 * @param options.weights Whether its weights are wanted too.
 */
export async function finishedRun(
  config: RunConfig,
  seed: number,
  { store, weights }: Pick<RunOptions, "store" | "weights">,
): Promise<RunRecord | undefined> {
  const record = store.finished(await runId(config, seed));
  if (!record || !weights) return record;
  const problem = await weightsProblem({ config, seed, store });
  return problem === undefined ? record : undefined;
}

interface StartOptions extends RunOptions {
  readonly splits: Splits;
  readonly notice: (message: string) => void;
}

/** The run itself, by the process that holds its lock. */
async function startRun(
  config: RunConfig,
  seed: number,
  options: StartOptions,
): Promise<RunRecord | null> {
  const { store, label, splits, notice, signal } = options;
  const { onActivity, onImage } = options;
  const id = await runId(config, seed);
  const teacher = config.teacher && "config" in config.teacher
    ? await runId(config.teacher.config, config.teacher.seed)
    : null;
  await onActivity?.("starting");
  const { allowDownload } = options;
  const weights = await findRunWeights(config, { allowDownload, signal });
  store.start({
    id,
    label,
    seed,
    config: shortestConfig(config),
    teacher,
    weights: Object.fromEntries(
      Object.entries(weights).map(([name, { sha256 }]) => [name, sha256]),
    ),
  });
  const found = await usableCheckpoint(store.runFolder(id), notice);
  await openRunEngine();
  const detector = createDetector(config.model, { seed });
  try {
    // A checkpoint has what became of them.
    if (!found) {
      await loadInitialWeights(detector, config, weights);
      await inheritFromTeacher(detector, config, { weights, store });
    }
    const training = await trainDetector(
      detector,
      config,
      seed,
      found,
      options,
    );
    if (training.stopped) return null;
    const from = performance.now();
    await onActivity?.("evaluating");
    const metrics = await measure(detector, config, splits, {
      signal,
      onRecord: (step) => onActivity?.(recordingOf(step)),
      onImage,
    });
    const seconds = training.seconds + (performance.now() - from) / 1000;
    const { iteration } = training;
    await saveWeights({ config, seed, store }, detector, {
      iteration,
      seconds,
    });
    store.finish(id, metrics, { seconds, waitShare: training.waitShare });
  } catch (error) {
    if (signal?.aborted && error === signal.reason) return null;
    throw error;
  } finally {
    detector.dispose();
  }
  return store.finished(id)!;
}

/** Trains to the end, or until the signal stops it. */
async function trainDetector(
  student: Detector,
  config: RunConfig,
  seed: number,
  found: LoadedCheckpoint | undefined,
  { store, splits, notice, teacher, signal, onProgress, onActivity }:
    StartOptions,
): Promise<TrainResult> {
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
        teacher: await teacher!(config.teacher, {
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
  try {
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
      onProgress: (progress) => {
        means.add(progress.epoch, progress.terms);
        // Before the checkpoint of this step, so that no epoch is left out.
        if (progress.iteration % perEpoch === 0) means.flush();
        onProgress?.(progress);
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
