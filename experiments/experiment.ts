import { createGfl, measureComplexity } from "../lib/detectors/mod.ts";
import { openRunEngine } from "./run_engine.ts";
import { canonicalJson, type Json, type Progress } from "../lib/train/mod.ts";
import { type RunConfig, runId } from "./config.ts";
import { readSplits } from "./data.ts";
import { executeRun, finishedRun, recordingOf } from "./run.ts";
import type { RunRecord, RunStore } from "./store.ts";
import { openTeachers } from "./teachers.ts";

/** One row of a table: what differs from the baseline. */
export interface Row {
  readonly label: string;
  /** The baseline's row changes nothing. */
  readonly change: Partial<RunConfig>;
}

/** An experiment as data: a teacher, a baseline student and differences. */
export interface Experiment {
  readonly teacher: RunConfig;
  readonly baseline: RunConfig;
  readonly rows: readonly Row[];
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
}

/** How to run an experiment. */
export interface ExperimentOptions {
  readonly store: RunStore;
  /** How often each row is run: seeds 0, 1, … The teacher is of seed 0. */
  readonly seeds: number;
  readonly signal?: AbortSignal;
  /** Awaited where it tells of an activity: what follows may block. */
  readonly onProgress?: (progress: ExperimentProgress) => void | Promise<void>;
  /** Told at once what the user should know, each message once. */
  readonly onNotice?: (message: string) => void;
}

/** What an experiment gave; a row's runs are in order of their seeds. */
export interface ExperimentResult {
  readonly teacher: RunRecord;
  readonly rows: readonly {
    readonly row: Row;
    readonly config: RunConfig;
    readonly runs: readonly RunRecord[];
  }[];
}

/** The seed of every teacher: rows and seeds share it. */
export const TEACHER_SEED = 0;

/** A run of an experiment. */
interface Job {
  readonly label: string;
  readonly config: RunConfig;
  readonly seed: number;
  /** Students need a teacher's weights, figures those of the first seed. */
  readonly weights: boolean;
}

/**
 * Runs the teachers and all rows, seed by seed, so that every row has its first
 * seed early. Runs that are stored are not run again, unless they are a teacher
 * or of the first seed and their weights are not whole.
 *
 * @returns The results, or `null` if the signal stopped the experiment; what
 * was finished is stored.
 */
export async function runExperiment(
  experiment: Experiment,
  options: ExperimentOptions,
): Promise<ExperimentResult | null> {
  const { store, seeds, signal, onNotice } = options;
  const configs = experiment.rows.map(({ change }) => ({
    ...experiment.baseline,
    ...change,
  }));
  const teachers = await teacherJobs(experiment, configs);
  const students = Array.from(
    { length: seeds },
    (_, seed) =>
      configs.map((config, row): Job => {
        const { label } = experiment.rows[row];
        return { label, config, seed, weights: seed === 0 };
      }),
  ).flat();
  const jobs = [...teachers, ...students];
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
    "model",
    "epochs",
  );
  const stored: (RunRecord | undefined)[] = [];
  const costs: number[] = []; // 0 for what is stored
  for (const { config, seed, weights } of jobs) {
    // Read even if all is stored: what the reader mended is to be known.
    await splitsOf(config);
    const record = await finishedRun(config, seed, { store, weights });
    stored.push(record);
    costs.push(record ? 0 : await costOf(config));
  }
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  const runs = costs.filter((cost) => cost > 0).length;

  let tell: (activity: string) => void | Promise<void> = () => {};
  await using opened = openTeachers(store, {
    onRecord: (step) => tell(recordingOf(step)),
  });
  const records: RunRecord[] = [];
  let [run, spent] = [0, 0];
  for (const [index, { config, seed, label, weights }] of jobs.entries()) {
    let progress: Progress | undefined;
    const report = (activity?: string) => {
      const done = progress ? progress.iteration / progress.total : 0;
      const share = (spent + costs[index] * done) / total;
      const state = { label, seed, run, runs, share, activity, progress };
      return options.onProgress?.(state);
    };
    tell = report;
    const record = stored[index] ?? await executeRun(config, seed, {
      store,
      label,
      weights,
      splits: await splitsOf(config),
      teacher: opened.outputs,
      signal,
      onProgress: (step) => {
        progress = step;
        report();
      },
      onActivity: report,
      onNotice: notice,
    });
    if (record === null) return null;
    records.push(record);
    spent += costs[index];
    if (costs[index] > 0) run++;
  }
  const ofStudents = records.slice(teachers.length);
  return {
    teacher: records[teachers.findIndex(({ label }) => label === "teacher")],
    rows: experiment.rows.map((row, index) => ({
      row,
      config: configs[index],
      runs: ofStudents.filter((_, job) => job % configs.length === index),
    })),
  };
}

/** The experiment's teacher and whoever else a row learns from, each once. */
async function teacherJobs(
  { teacher, rows }: Experiment,
  configs: readonly RunConfig[],
): Promise<Job[]> {
  const jobs = new Map<string, Job>();
  const add = async (label: string, config: RunConfig, seed: number) => {
    // A teacher may have been distilled itself: its own goes first.
    if (config.teacher) await addTeacherOf(label, config.teacher);
    const id = await runId(config, seed);
    if (!jobs.has(id)) jobs.set(id, { label, config, seed, weights: true });
  };
  const addTeacherOf = (
    label: string,
    { config, seed }: NonNullable<RunConfig["teacher"]>,
  ) => add(`teacher of ${label}`, config, seed);
  await add("teacher", teacher, TEACHER_SEED);
  for (const [row, config] of configs.entries()) {
    if (config.teacher) await addTeacherOf(rows[row].label, config.teacher);
  }
  return [...jobs.values()];
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
async function multiplyAdds({ model, data }: RunConfig): Promise<number> {
  await openRunEngine();
  const detector = createGfl(model, { seed: null });
  const side = 64;
  const small = { width: side, height: side };
  const { multiplyAdds } = measureComplexity(detector, small);
  detector.dispose();
  return multiplyAdds * data.width * data.height / side ** 2;
}
