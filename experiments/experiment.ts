import { type RunConfig, runId } from "./config.ts";
import { type Job, type JobsOptions, runJobs } from "./jobs.ts";
import type { RunRecord } from "./store.ts";

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

/** How to run an experiment. */
export interface ExperimentOptions extends JobsOptions {
  /** How often each row is run: seeds 0, 1, … The teacher is of seed 0. */
  readonly seeds: number;
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
  const { seeds } = options;
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
        // Figures show the first seed.
        return { label, config, seed, weights: seed === 0 };
      }),
  ).flat();
  const records = await runJobs([...teachers, ...students], options);
  if (records === null) return null;
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
  const addTeacherOf = async (
    label: string,
    teacher: NonNullable<RunConfig["teacher"]>,
  ) => {
    if (!("config" in teacher)) return; // weights are there already
    await add(`teacher of ${label}`, teacher.config, teacher.seed);
  };
  await add("teacher", teacher, TEACHER_SEED);
  for (const [row, config] of configs.entries()) {
    if (config.teacher) await addTeacherOf(rows[row].label, config.teacher);
  }
  return [...jobs.values()];
}
