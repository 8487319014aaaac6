import type { Engine } from "../lib/engine/mod.ts";
import { createDetector, measureComplexity } from "../lib/detectors/mod.ts";
import { downloadLine } from "../lib/report/mod.ts";
import { canonicalJson, type Json, type Progress } from "../lib/train/mod.ts";
import { checkRunConfig } from "./check_config.ts";
import type { RunConfig } from "./config.ts";
import { readSplits } from "./data.ts";
import { checkInheritance } from "./inheritance.ts";
import { dispatchJobs } from "./job_dispatch.ts";
import { openJobProcess } from "./job_process.ts";
import { openJobRunner } from "./job_runner.ts";
import { endedRun } from "./run.ts";
import { openRunEngine } from "./run_engine.ts";
import { findRunWeights } from "./run_weights.ts";
import type { RunRecord, RunStore } from "./store.ts";
import { checkTeacher } from "./teacher_fit.ts";

/** A run among others. */
export interface Job {
  readonly label: string;
  readonly config: RunConfig;
  readonly seed: number;
  /** Whether its weights are wanted too: students need their teacher's. */
  readonly weights: boolean;
}

/** Where an experiment is. */
export interface ExperimentProgress {
  readonly label: string;
  readonly seed: number;
  /** Which of all runs that were not stored yet, from 0. */
  readonly run: number;
  readonly runs: number;
  /**
   * Share of their work that is done, by multiply-adds, 0 to 1; what interrupted
   * ones had done before is none of it.
   */
  readonly share: number;
  /** What begins where it is no step, as `evaluating`. */
  readonly activity?: string;
  /** The run's last step; none before the first. */
  readonly progress?: Progress;
  /** How many of the test images are done, while they are. */
  readonly evaluated?: { readonly done: number; readonly total: number };
  /** What was measured last: of this run on its way, or of one before. */
  readonly measured?: Measured;
  /** All runs that go on at once, this one too, where several do. */
  readonly beside?: readonly RunningJob[];
}

/** A run that goes on at the same time as others. */
export type RunningJob =
  & Pick<Job, "label" | "seed">
  & Pick<ExperimentProgress, "activity" | "progress" | "evaluated">;

/** What a run has reached. */
export interface Measured {
  readonly label: string;
  readonly seed: number;
  readonly epoch: number;
  readonly epochs: number;
  /** From 0 to 1. */
  readonly ap: number;
}

/** How to do several runs. */
export interface JobsOptions {
  readonly store: RunStore;
  readonly signal?: AbortSignal;
  /** Whether weights that configs name may be downloaded; false unless given. */
  readonly allowDownload?: boolean;
  /** Whether runs that diverged are started over; false unless given. */
  readonly again?: boolean;
  /** After every so many epochs a run is measured on its way; see `executeRun`. */
  readonly evaluateEvery?: number;
  /**
   * How many runs are done at the same time, 1 unless given: more have a process
   * each, which takes the memory of a run, and share the processor's threads. The
   * results have the same bits.
   */
  readonly atOnce?: number;
  /** Told what computes the runs, before the first that is not stored. */
  readonly onStart?: (engine: Engine) => void | Promise<void>;
  /** Awaited where it tells of an activity: what follows may block. */
  readonly onProgress?: (progress: ExperimentProgress) => void | Promise<void>;
  /** Told at once what the user should know, each message once. */
  readonly onNotice?: (message: string) => void;
}

/**
 * Does runs, one after another or several at once. What is stored is not run
 * again, unless its weights are wanted and not whole; what was interrupted goes on
 * from its checkpoint. One that diverges is recorded as such, and the rest goes
 * on, but for those that would learn from it; so it does where the process of a
 * run is killed, which is told at the end.
 *
 * @param jobs The runs, each once, teachers before their students.
 * @returns The runs in the same order, those that diverged (`status`) without
 * metrics, or `null` if the signal stopped them; what was finished is stored.
 * @throws {RangeError} If a config is not in order, or a student and its teacher
 * do not fit, or `atOnce` is no whole number above 0, before any run.
 * @throws {TypeError} If a student cannot inherit a parameter, before any run.
 * @throws {Error} If a run could not be done; what others have is stored, and the
 * same call goes on.
 */
export async function runJobs(
  jobs: readonly Job[],
  options: JobsOptions,
): Promise<RunRecord[] | null> {
  const { store, again, atOnce = 1, onNotice } = options;
  requireAtOnce(atOnce);
  for (const { label, config } of jobs) {
    checkRunConfig(config, label);
    checkTeacher(label, config);
  }
  const told = new Set<string>();
  const notice = (message: string) => {
    if (!told.has(message)) onNotice?.(message);
    told.add(message);
  };
  const splitsOf = rememberSplits(store, notice);
  const stored: (RunRecord | undefined)[] = [];
  for (const { config, seed, weights } of jobs) {
    stored.push(await endedRun(config, seed, { store, weights, again }));
  }
  const todo = [...jobs.keys()].filter((index) => !stored[index]);
  // Missed now, not after days of training its teacher.
  for (const index of todo) await checkStart(jobs[index], jobs.length, options);
  for (const { config } of jobs) {
    // What the reader mended is to be known even if all is stored.
    const known = todo.length === 0 && store.dataNotices(dataKey(config));
    if (known) known.forEach(notice);
    else await splitsOf(config);
  }
  if (todo.length === 0) return stored as RunRecord[];
  await options.onStart?.(await openRunEngine());
  const costOf = remember(
    async (config) => {
      const { train } = await splitsOf(config);
      return config.epochs * train.images.length * await multiplyAdds(config);
    },
    (config) => [config.data, config.input, config.model, config.epochs],
  );
  const costs: number[] = []; // 0 for what is stored
  for (const [index, { config }] of jobs.entries()) {
    costs.push(stored[index] ? 0 : await costOf(config));
  }
  const lanes = Math.min(atOnce, todo.length);
  const stop = new AbortController();
  const signals = [stop.signal, ...(options.signal ? [options.signal] : [])];
  const common = { ...options, signal: AbortSignal.any(signals) };
  const runners = lanes === 1
    ? [openJobRunner({ ...common, splitsOf, onNotice: notice })]
    : Array.from(
      { length: lanes },
      () =>
        openJobProcess({
          ...common,
          threads: threadsOf(lanes),
          onNotice: notice,
        }),
    );
  try {
    return await dispatchJobs(jobs, {
      ...options,
      runners,
      stored,
      costs,
      stop: () => stop.abort(),
      notice,
    });
  } finally {
    for (const runner of runners) await runner[Symbol.asyncDispose]();
  }
}

function requireAtOnce(atOnce: number): void {
  if (Number.isInteger(atOnce) && atOnce > 0) return;
  throw new RangeError(
    `Cannot do runs: as many as at once must be a whole number above 0: ` +
      `current value is ${atOnce}`,
  );
}

/** Threads of each process, so that all together have the processor's cores. */
const threadsOf = (processes: number) =>
  Math.max(1, Math.floor(navigator.hardwareConcurrency / processes));

/** Looks for all that a run needs before any is begun. */
async function checkStart(
  { label, seed, config }: Job,
  runs: number,
  { allowDownload, signal, onProgress }: JobsOptions,
): Promise<void> {
  await checkInheritance(label, config);
  const begun = { label, seed, run: 0, runs, share: 0 };
  await findRunWeights(config, {
    allowDownload,
    signal,
    onProgress: (download) =>
      void onProgress?.({ ...begun, activity: downloadLine(download) }),
  });
}

const dataKey = ({ data }: RunConfig) => canonicalJson(data as unknown as Json);

/** Reads each data once, tells what was mended, and stores that. */
function rememberSplits(store: RunStore, notice: (message: string) => void) {
  return remember(async (config) => {
    const notices: string[] = [];
    const splits = await readSplits(config.data, (message) => {
      notices.push(message);
      notice(message);
    });
    store.setDataNotices(dataKey(config), notices);
    return splits;
  }, ({ data }) => [data]);
}

/** Computes once for all configs that agree in these parts. */
function remember<T>(
  compute: (config: RunConfig) => Promise<T>,
  partsOf: (config: RunConfig) => unknown,
): (config: RunConfig) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (config) => {
    const key = canonicalJson(partsOf(config) as Json);
    const value = known.get(key) ?? compute(config);
    known.set(key, value);
    return value;
  };
}

/**
 * Multiply-adds of the config's network for one image, or nearly: as many a
 * pixel as for a small image, which takes no time.
 */
async function multiplyAdds({ model, input }: RunConfig): Promise<number> {
  await openRunEngine();
  const detector = createDetector(model, { seed: null });
  const side = 64;
  const small = { width: side, height: side };
  const { multiplyAdds } = measureComplexity(detector, small);
  detector.dispose();
  const [width, height] = input.kind === "stretch"
    ? [input.width, input.height]
    : input.test;
  return multiplyAdds * width * height / side ** 2;
}
