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

/** A teacher that has a row of its own. */
export interface TeacherRow {
  readonly label: string;
  readonly config: RunConfig;
}

/** An experiment as data: teachers, a baseline student and differences. */
export interface Experiment {
  /**
   * Those that are shown, which are run first and once. Who else a row learns
   * from is run all the same.
   */
  readonly teachers: readonly TeacherRow[];
  readonly baseline: RunConfig;
  readonly rows: readonly Row[];
}

/** How to run an experiment. */
export interface ExperimentOptions extends JobsOptions {
  /** How often each row is run: seeds 0, 1, … Teachers are of seed 0. */
  readonly seeds: number;
  /** Whose weights are wanted beside the results: figures show the first seed. */
  readonly weights?: "firstSeed" | "allSeeds";
}

/** What an experiment gave; a row's runs are in order of their seeds. */
export interface ExperimentResult {
  readonly teachers: readonly (TeacherRow & { readonly run: RunRecord })[];
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
 * seed early; who else a row learns from is run before it. Runs that are stored
 * are not run again, unless their weights are wanted and not whole: a teacher's,
 * the first seed's, or all.
 *
 * @returns The results, or `null` if the signal stopped the experiment; what
 * was finished is stored.
 */
export async function runExperiment(
  experiment: Experiment,
  options: ExperimentOptions,
): Promise<ExperimentResult | null> {
  const { seeds, weights = "firstSeed" } = options;
  const { teachers, baseline, rows } = experiment;
  const configs = rows.map(({ change }) => ({ ...baseline, ...change }));
  const own = teachers.map(({ label, config }): Job => ({
    label,
    config,
    seed: TEACHER_SEED,
    weights: true,
  }));
  const students = Array.from(
    { length: seeds },
    (_, seed) =>
      configs.map((config, row): Job => ({
        label: rows[row].label,
        config,
        seed,
        weights: weights === "allSeeds" || seed === 0,
      })),
  ).flat();
  const jobs = await withTeachers([...own, ...students]);
  const records = await runJobs(jobs, options);
  if (records === null) return null;
  const byId = new Map(records.map((record) => [record.id, record]));
  const recordOf = async ({ config, seed }: Job) =>
    byId.get(await runId(config, seed))!;
  const ofTeachers = await Promise.all(own.map(recordOf));
  const ofStudents = await Promise.all(students.map(recordOf));
  return {
    teachers: teachers.map((row, at) => ({ ...row, run: ofTeachers[at] })),
    rows: rows.map((row, index) => ({
      row,
      config: configs[index],
      runs: ofStudents.filter((_, job) => job % configs.length === index),
    })),
  };
}
