import { createDetector } from "../lib/detectors/mod.ts";
import { DivergenceError, type Progress } from "../lib/train/mod.ts";
import { type RunConfig, runId } from "./config.ts";
import { readSplits, type Splits } from "./data.ts";
import { inheritFromTeacher } from "./inheritance.ts";
import { measure } from "./measure.ts";
import { recordingOf } from "./recording_of.ts";
import { engineText, openRunEngine } from "./run_engine.ts";
import { lockRun } from "./run_lock.ts";
import { divergenceText } from "./run_record.ts";
import { findRunWeights, loadInitialWeights } from "./run_weights.ts";
import { shortestConfig } from "./shortest_config.ts";
import type { RunRecord, RunStore } from "./store.ts";
import type { OpenTeachers } from "./teachers.ts";
import { trainDetector, type TrainingOptions } from "./train_detector.ts";
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
  /**
   * Whether a run that diverged is started over; unless given, what is stored of
   * it is the answer.
   */
  readonly again?: boolean;
  /**
   * After every so many epochs the detector is measured on its way, an integer
   * above 0; only at the end unless given. It changes neither the results nor
   * the run's id, so that a run that is finished is not run again for it; its
   * seconds count in what it takes.
   */
  readonly evaluateEvery?: number;
  /** Stops the run after its current step; it goes on when asked for again. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Told what begins where it is no step, as `evaluating`; awaited. */
  readonly onActivity?: (activity: string) => void | Promise<void>;
  /** Told after each test image how many of how many are done. */
  readonly onImage?: (done: number, total: number) => void;
  /** Told after each measuring after how many epochs it was, and what it found. */
  readonly onMeasured?: (
    epoch: number,
    metrics: Readonly<Record<string, number>>,
  ) => void;
  /** Told at once what the user should know. */
  readonly onNotice?: (message: string) => void;
}

/**
 * Does a run: trains, evaluates, stores the results and the weights. A finished
 * run is taken from the store, an interrupted one goes on from its checkpoint.
 * One that another process is at is waited for.
 *
 * @param config What to run.
 * @param seed Of the start values and the order of the images.
 * @returns The run, finished or diverged, or `null` if the signal stopped it. One
 * whose teacher diverged is not started: its record, which is not stored, has the
 * teacher's divergence.
 * @throws {Error} If a file or the store cannot be written, as on a full disk:
 * the same call goes on then from what was written.
 */
export async function executeRun(
  config: RunConfig,
  seed: number,
  options: RunOptions,
): Promise<RunRecord | null> {
  const { store, label, signal } = options;
  const { onNotice: notice = () => {} } = options;
  requireEpochs(options.evaluateEvery);
  const known = await endedRun(config, seed, options);
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
  const ended = store.ended(id);
  if (ended?.status === "diverged") {
    if (!options.again) return ended; // by the other process
    store.remove(id);
  } else if (ended) { // by the other process, or its weights are not whole
    const problem = options.weights &&
      await weightsProblem({ config, seed, store });
    if (!problem) return ended;
    notice(`${problem}. ${label}, seed ${seed}, is run again`);
  }
  const teacher = await divergedTeacher(config, store);
  if (teacher) return withoutTeacher({ id, label, seed, config }, teacher);
  return await startRun(config, seed, { ...options, splits, notice });
}

/**
 * A run if it has ended and what is wanted of it is there.
 *
 * @param options.weights Whether its weights are wanted too, if it is finished.
 * @param options.again Whether one that diverged is wanted anew.
 */
export async function endedRun(
  config: RunConfig,
  seed: number,
  { store, weights, again }: Pick<RunOptions, "store" | "weights" | "again">,
): Promise<RunRecord | undefined> {
  const record = store.ended(await runId(config, seed));
  if (record?.status === "diverged") return again ? undefined : record;
  if (!record || !weights) return record;
  const problem = await weightsProblem({ config, seed, store });
  return problem === undefined ? record : undefined;
}

function requireEpochs(evaluateEvery: number | undefined): void {
  if (evaluateEvery === undefined) return;
  if (Number.isInteger(evaluateEvery) && evaluateEvery > 0) return;
  throw new RangeError(
    `Cannot run: evaluateEvery must be an integer above 0: current value is ` +
      `${evaluateEvery}`,
  );
}

/** Whom a run cannot learn from: its teacher that diverged, or that one's. */
async function divergedTeacher(
  { teacher }: RunConfig,
  store: RunStore,
): Promise<RunRecord | undefined> {
  if (!teacher || !("config" in teacher)) return undefined;
  const record = store.ended(await runId(teacher.config, teacher.seed));
  if (record?.status === "diverged") return record;
  return record ? undefined : await divergedTeacher(teacher.config, store);
}

/** What is told of a run that was not started, as its teacher diverged. */
function withoutTeacher(
  { config, ...run }: Pick<RunRecord, "id" | "label" | "seed"> & {
    config: RunConfig;
  },
  teacher: RunRecord,
): RunRecord {
  return {
    ...teacher,
    ...run,
    config: shortestConfig(config),
    teacher: teacher.id,
    weights: {},
    seconds: 0,
    waitShare: null,
    epochs: [],
    evaluations: [],
  };
}

/** The run itself, by the process that holds its lock. */
async function startRun(
  config: RunConfig,
  seed: number,
  options: TrainingOptions,
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
  const engine = engineText(await openRunEngine());
  store.start({
    engine,
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
  const started = performance.now();
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
    store.addEvaluation(id, config.epochs, metrics);
    options.onMeasured?.(config.epochs, metrics);
    store.finish(id, metrics, { seconds, waitShare: training.waitShare });
  } catch (error) {
    if (signal?.aborted && error === signal.reason) return null;
    if (!(error instanceof DivergenceError)) throw error;
    const seconds = (performance.now() - started) / 1000;
    const earlier = found?.checkpoint.seconds ?? 0;
    store.diverge(id, error.divergence, earlier + seconds);
    notice(divergenceText(store.ended(id)!));
  } finally {
    detector.dispose();
  }
  return store.ended(id)!;
}
