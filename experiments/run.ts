import { makeAnchors } from "../lib/boxes/mod.ts";
import { createEvaluationLoader, createLoader } from "../lib/data/mod.ts";
import {
  createGfl,
  type Detector,
  exportWeights,
  loadWeights,
} from "../lib/detectors/mod.ts";
import { openEngine } from "../lib/engine/mod.ts";
import { evaluateCoco, predict } from "../lib/eval/mod.ts";
import {
  adamW,
  cosineSchedule,
  type Json,
  linearWarmup,
  makeTrainStep,
  type Optimizer,
  type Progress,
  readSafetensors,
  sgd,
  type TeacherOutputs,
  train,
  writeSafetensors,
} from "../lib/train/mod.ts";
import { type RunConfig, runId } from "./config.ts";
import { readSplits, type Splits } from "./data.ts";
import type { RunRecord, RunStore } from "./store.ts";

/** What a run tells while it goes on. */
export interface RunOptions {
  readonly store: RunStore;
  /** What the run is called where runs are listed. */
  readonly label: string;
  /** The run's data, where the caller has read it. */
  readonly splits?: Splits;
  /** The frozen teacher of `config.teacher`; asked for only if it is needed. */
  readonly teacher?: () => Promise<TeacherOutputs>;
  /** Stops the run after its current step; it goes on when asked for again. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Told what the user should know, once each. */
  readonly onNotice?: (message: string) => void;
}

/**
 * Does a run: trains, evaluates, stores the results and the weights. A finished
 * run is taken from the store, an interrupted one goes on from its checkpoint.
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
  const id = await runId(config, seed);
  const known = store.finished(id);
  if (known) return known;
  if (signal?.aborted) return null;
  const teacher = config.teacher
    ? await runId(config.teacher.config, config.teacher.seed)
    : null;
  const notice = options.onNotice ?? (() => {});
  const splits = options.splits ?? await readSplits(config.data, notice);
  store.start({ id, label, seed, config, teacher });
  const from = performance.now();
  await openEngine();
  const detector = createGfl(config.model, { seed });
  try {
    const done = await trainDetector(detector, config, seed, {
      ...options,
      splits,
      notice,
    });
    if (!done) return null;
    const metrics = await measure(detector, config, splits);
    await saveWeights(store, id, detector);
    store.finish(id, metrics);
  } finally {
    detector.dispose();
    store.addSeconds(id, (performance.now() - from) / 1000);
  }
  return store.finished(id)!;
}

/** Trains to the end, or returns false where the signal stopped it. */
async function trainDetector(
  student: Detector,
  config: RunConfig,
  seed: number,
  { store, splits, notice, teacher, signal, onProgress }: RunOptions & {
    splits: Splits;
    notice: (message: string) => void;
  },
): Promise<boolean> {
  const { width, height } = config.data;
  const input = { width, height };
  const anchors = makeAnchors(input);
  const optimizer = makeOptimizer(config, student);
  const step = makeTrainStep({
    student,
    anchors,
    input,
    optimizer,
    clip: config.clipNorm,
    ...(config.teacher && {
      distillation: { teacher: await teacher!(), terms: config.terms },
    }),
  });
  const id = await runId(config, seed);
  const perEpoch = Math.floor(splits.train.images.length / config.batchSize);
  const total = perEpoch * config.epochs;
  const means = new EpochMeans((epoch, terms) =>
    store.addEpoch(id, epoch, terms)
  );
  try {
    const { stopped } = await train({
      step,
      loader: (start) =>
        createLoader({
          dataset: splits.train,
          ...input,
          anchors,
          batchSize: config.batchSize,
          seed,
          augmentation: config.augmentation,
          vlr: config.vlr,
          epochs: config.epochs,
          start,
        }),
      // min(1, (it + 1) / warmup) under half a cosine.
      schedule: linearWarmup(
        cosineSchedule(config.optimizer.learningRate, total),
        { iterations: config.warmup - 1, start: 1 / config.warmup },
      ),
      totalIterations: total,
      checkpoints: {
        folder: store.runFolder(id),
        every: perEpoch * 3,
        seeds: { run: seed },
        config: config as unknown as Json,
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
    return !stopped;
  } finally {
    step.dispose();
    optimizer.dispose();
  }
}

function makeOptimizer(config: RunConfig, student: Detector): Optimizer {
  const { kind, weightDecay } = config.optimizer;
  return (kind === "sgd" ? sgd : adamW)(student.parameters, { weightDecay });
}

/** Mean of each term over the steps of an epoch (of this sitting). */
class EpochMeans {
  #epoch = -1;
  #steps = 0;
  #sums: Record<string, number> = {};
  readonly #write: (epoch: number, terms: Record<string, number>) => void;

  constructor(write: (epoch: number, terms: Record<string, number>) => void) {
    this.#write = write;
  }

  add(epoch: number, terms: Readonly<Record<string, number>>): void {
    this.#epoch = epoch;
    this.#steps++;
    for (const [name, value] of Object.entries(terms)) {
      this.#sums[name] = (this.#sums[name] ?? 0) + value;
    }
  }

  flush(): void {
    if (this.#steps === 0) return;
    const means = Object.entries(this.#sums)
      .map(([name, sum]) => [name, sum / this.#steps]);
    this.#write(this.#epoch, Object.fromEntries(means));
    this.#steps = 0;
    this.#sums = {};
  }
}

/** AP of the detector on the test split, in [0, 1], by name. */
async function measure(
  detector: Detector,
  config: RunConfig,
  { test }: Splits,
): Promise<Record<string, number>> {
  const { width, height } = config.data;
  const input = { width, height };
  const { batchSize } = config;
  const detections = await predict({
    detector,
    batches: createEvaluationLoader({ dataset: test, ...input, batchSize }),
    anchors: makeAnchors(input),
    input,
  });
  const numClasses = test.classes.length;
  const coco = evaluateCoco(test.images, detections, { numClasses });
  const { ap, ap50, ap75, apSmall, apMedium, apLarge } = coco;
  const metrics: Record<string, number> = {
    ap,
    ap50,
    ap75,
    apSmall,
    apMedium,
    apLarge,
  };
  test.classes.forEach((name, index) => {
    metrics[`ap ${name}`] = coco.perClass[index].ap;
  });
  // NaN says that there is no such box; a record simply lacks it.
  return Object.fromEntries(
    Object.entries(metrics).filter(([, value]) => !Number.isNaN(value)),
  );
}

const weightsPath = (store: RunStore, id: string) =>
  `${store.runFolder(id)}/weights.safetensors`;

async function saveWeights(
  store: RunStore,
  id: string,
  detector: Detector,
): Promise<void> {
  const path = weightsPath(store, id);
  const weights = await exportWeights(detector);
  await Deno.writeFile(`${path}.part`, writeSafetensors(weights));
  await Deno.rename(`${path}.part`, path);
}

/**
 * The detector of a finished run, with its weights.
 *
 * @returns The detector; the caller disposes it.
 */
export async function openDetector(
  config: RunConfig,
  seed: number,
  store: RunStore,
): Promise<Detector> {
  await openEngine();
  const path = weightsPath(store, await runId(config, seed));
  const { tensors } = readSafetensors(await Deno.readFile(path), path);
  const detector = createGfl(config.model, { seed });
  loadWeights(detector, tensors);
  return detector;
}
