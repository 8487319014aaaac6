import { type RunConfig, runId } from "./config.ts";
import { type Job, type JobsOptions, runJobs } from "./jobs.ts";
import type { RunRecord } from "./store.ts";
import { withTeachers } from "./with_teachers.ts";

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
 * Runs the teacher and all rows, seed by seed, so that every row has its first
 * seed early; who else a row learns from is run before it. Runs that are stored are not run again, unless they are a teacher
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
  const { teacher, baseline, rows } = experiment;
  const configs = rows.map(({ change }) => ({ ...baseline, ...change }));
  const own: Job = {
    label: "teacher",
    config: teacher,
    seed: TEACHER_SEED,
    weights: true,
  };
  const students = Array.from(
    { length: seeds },
    (_, seed) =>
      configs.map((config, row): Job => {
        const { label } = rows[row];
        // Figures show the first seed.
        return { label, config, seed, weights: seed === 0 };
      }),
  ).flat();
  const jobs = await withTeachers([own, ...students]);
  const records = await runJobs(jobs, options);
  if (records === null) return null;
  const byId = new Map(records.map((record) => [record.id, record]));
  const recordOf = async ({ config, seed }: Job) =>
    byId.get(await runId(config, seed))!;
  const ofStudents = await Promise.all(students.map(recordOf));
  return {
    teacher: await recordOf(own),
    rows: rows.map((row, index) => ({
      row,
      config: configs[index],
      runs: ofStudents.filter((_, job) => job % configs.length === index),
    })),
  };
}
