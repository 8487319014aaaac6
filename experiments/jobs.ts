import { createDetector, measureComplexity } from "../lib/detectors/mod.ts";
import { downloadLine } from "../lib/report/mod.ts";
import { canonicalJson, type Json, type Progress } from "../lib/train/mod.ts";
import { checkRunConfig } from "./check_config.ts";
import type { RunConfig } from "./config.ts";
import { readSplits } from "./data.ts";
import { checkInheritance } from "./inheritance.ts";
import { recordingOf } from "./recording_of.ts";
import { endedRun, executeRun } from "./run.ts";
import { openRunEngine } from "./run_engine.ts";
import { findRunWeights } from "./run_weights.ts";
import type { RunRecord, RunStore } from "./store.ts";
import { checkTeacher } from "./teacher_fit.ts";
import { openTeachers } from "./teachers.ts";

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
  /** Share of all their work that is done, by multiply-adds, 0 to 1. */
  readonly share: number;
  /** What begins where it is no step, as `evaluating`. */
  readonly activity?: string;
  /** The run's last step; none before the first. */
  readonly progress?: Progress;
  /** How many of the test images are done, while they are. */
  readonly evaluated?: { readonly done: number; readonly total: number };
  /** What was measured last: of this run on its way, or of one before. */
  readonly measured?: Measured;
}

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
  /** Awaited where it tells of an activity: what follows may block. */
  readonly onProgress?: (progress: ExperimentProgress) => void | Promise<void>;
  /** Told at once what the user should know, each message once. */
  readonly onNotice?: (message: string) => void;
}

/**
 * Does runs one after another. What is stored is not run again, unless its
 * weights are wanted and not whole; what was interrupted goes on from its
 * checkpoint. One that diverges is recorded as such, and the rest goes on, but for
 * those that would learn from it.
 *
 * @param jobs The runs, each once, teachers before their students.
 * @returns The runs in the same order, those that diverged (`status`) without
 * metrics, or `null` if the signal stopped them; what was finished is stored.
 * @throws {RangeError} If a config is not in order, or a student and its teacher
 * do not fit, before any run.
 * @throws {TypeError} If a student cannot inherit a parameter, before any run.
 */
export async function runJobs(
  jobs: readonly Job[],
  options: JobsOptions,
): Promise<RunRecord[] | null> {
  const { store, signal, allowDownload, again, onNotice, onProgress } = options;
  for (const { label, config } of jobs) {
    checkRunConfig(config, label);
    checkTeacher(label, config);
    await checkInheritance(label, config);
  }
  const told = new Set<string>();
  const notice = (message: string) => {
    if (!told.has(message)) onNotice?.(message);
    told.add(message);
  };
  const splitsOf = remember(({ data }) => readSplits(data, notice), "data");
  const costOf = remember(
    async (config) => {
      const { train } = await splitsOf(config);
      return config.epochs * train.images.length * await multiplyAdds(config);
    },
    "data",
    "input",
    "model",
    "epochs",
  );
  const stored: (RunRecord | undefined)[] = [];
  const costs: number[] = []; // 0 for what is stored
  for (const { label, config, seed, weights } of jobs) {
    // Read even if all is stored: what the reader mended is to be known.
    await splitsOf(config);
    const record = await endedRun(config, seed, { store, weights, again });
    // Missed now, not after days of training its teacher.
    if (!record) {
      const begun = { label, seed, run: 0, runs: jobs.length, share: 0 };
      await findRunWeights(config, {
        allowDownload,
        signal,
        onProgress: (download) =>
          void onProgress?.({ ...begun, activity: downloadLine(download) }),
      });
    }
    stored.push(record);
    costs.push(record ? 0 : await costOf(config));
  }
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  const runs = costs.filter((cost) => cost > 0).length;

  let tell: (activity: string) => void | Promise<void> = () => {};
  await using opened = openTeachers(store, {
    onRecord: (step) => tell(recordingOf(step)),
    allowDownload,
  });
  const records: RunRecord[] = [];
  let [run, spent] = [0, 0];
  let measured: Measured | undefined;
  for (const [index, { config, seed, label, weights }] of jobs.entries()) {
    let progress: Progress | undefined;
    let evaluated: ExperimentProgress["evaluated"];
    const report = (activity?: string) => {
      const done = progress ? progress.iteration / progress.total : 0;
      const share = (spent + costs[index] * done) / total;
      const state = { label, seed, run, runs, share, activity, progress };
      return onProgress?.({ ...state, evaluated, measured });
    };
    tell = report;
    const record = stored[index] ?? await executeRun(config, seed, {
      store,
      label,
      weights,
      splits: await splitsOf(config),
      teacher: opened.outputs,
      signal,
      allowDownload,
      again,
      evaluateEvery: options.evaluateEvery,
      onProgress: (step) => {
        progress = step;
        evaluated = undefined; // it was measured on its way
        report();
      },
      onActivity: report,
      onImage: (done, total) => {
        evaluated = { done, total };
        report("evaluating");
      },
      onMeasured: (epoch, { ap }) => {
        measured = { label, seed, epoch, epochs: config.epochs, ap };
      },
      onNotice: notice,
    });
    if (record === null) return null;
    records.push(record);
    spent += costs[index];
    if (costs[index] > 0) run++;
  }
  return records;
}

/** Computes once for all configs that agree in the named parts. */
function remember<T>(
  compute: (config: RunConfig) => Promise<T>,
  ...parts: (keyof RunConfig)[]
): (config: RunConfig) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (config) => {
    const key = canonicalJson(parts.map((part) => config[part]) as Json);
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
