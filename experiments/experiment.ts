import {
  cachedTeacher,
  type Progress,
  type TeacherOutputs,
} from "../lib/train/mod.ts";
import type { Detector } from "../lib/detectors/mod.ts";
import { type RunConfig, runId } from "./config.ts";
import { executeRun, openDetector } from "./run.ts";
import type { RunRecord, RunStore } from "./store.ts";

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
  readonly progress: Progress;
}

/** How to run an experiment. */
export interface ExperimentOptions {
  readonly store: RunStore;
  /** How often each row is run: seeds 0, 1, … The teacher is of seed 0. */
  readonly seeds: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ExperimentProgress) => void;
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

/**
 * Runs the teacher and all rows, seed by seed, so that every row has its first
 * seed early. Runs that are stored are not run again.
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
  const jobs = [
    { config: experiment.teacher, seed: TEACHER_SEED, label: "teacher" },
    ...Array.from(
      { length: seeds },
      (_, seed) =>
        configs.map((config, row) => ({
          config,
          seed,
          label: experiment.rows[row].label,
        })),
    ).flat(),
  ];
  const stored = await Promise.all(
    jobs.map(async ({ config, seed }) =>
      store.finished(await runId(config, seed)) !== undefined
    ),
  );
  const runs = stored.filter((known) => !known).length;
  const told = new Set<string>();
  const notice = (message: string) => {
    if (!told.has(message)) onNotice?.(message);
    told.add(message);
  };
  await using teacher = shareTeacher(experiment.teacher, store);
  const records: RunRecord[] = [];
  let run = -1;
  for (const [index, { config, seed, label }] of jobs.entries()) {
    if (!stored[index]) run++;
    const record = await executeRun(config, seed, {
      store,
      label,
      teacher: teacher.outputs,
      signal,
      onProgress: (progress) =>
        options.onProgress?.({ label, seed, run, runs, progress }),
      onNotice: notice,
    });
    if (record === null) return null;
    records.push(record);
  }
  const [first, ...rest] = records;
  return {
    teacher: first,
    rows: experiment.rows.map((row, index) => ({
      row,
      config: configs[index],
      runs: rest.filter((_, job) => job % configs.length === index),
    })),
  };
}

/** One frozen teacher for all rows: opened when it is first needed. */
function shareTeacher(config: RunConfig, store: RunStore) {
  let opened: Promise<{ detector: Detector; outputs: TeacherOutputs }> | null =
    null;
  const open = async () => {
    const detector = await openDetector(config, TEACHER_SEED, store);
    const { width, height } = config.data;
    return { detector, outputs: cachedTeacher(detector, { width, height }) };
  };
  return {
    outputs: async () => (await (opened ??= open())).outputs,
    [Symbol.asyncDispose]: async () => {
      if (opened === null) return;
      const { detector, outputs } = await opened;
      outputs.dispose();
      detector.dispose();
    },
  };
}
