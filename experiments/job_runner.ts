import type { RunConfig } from "./config.ts";
import type { Splits } from "./data.ts";
import type { ExperimentProgress, Job, JobsOptions } from "./jobs.ts";
import { recordingOf } from "./recording_of.ts";
import { executeRun } from "./run.ts";
import type { RunRecord } from "./store.ts";
import { openTeachers } from "./teachers.ts";

/** Where a run is. */
export type JobState = Pick<
  ExperimentProgress,
  "activity" | "progress" | "evaluated" | "measured"
>;

/** Does runs, one at a time, here or in another process. */
export interface JobRunner extends AsyncDisposable {
  /**
   * Does a run, or goes on with it.
   *
   * @param tell Told where it is; awaited where an activity begins.
   * @returns As `executeRun()`.
   */
  run(
    job: Job,
    tell: (state: JobState) => void | Promise<void>,
  ): Promise<RunRecord | null>;
}

/** What the runs of a runner have in common. */
export interface JobRunnerOptions extends
  Pick<
    JobsOptions,
    | "store"
    | "signal"
    | "allowDownload"
    | "again"
    | "evaluateEvery"
    | "onNotice"
  > {
  /** The data of a run. */
  readonly splitsOf: (config: RunConfig) => Promise<Splits>;
}

/**
 * Opens what does runs in this process; students share their teachers, which are
 * freed with it.
 */
export function openJobRunner(
  { store, splitsOf, allowDownload, ...options }: JobRunnerOptions,
): JobRunner {
  let activity: (activity: string) => void | Promise<void> = () => {};
  const teachers = openTeachers(store, {
    onRecord: (step) => activity(recordingOf(step)),
    allowDownload,
  });
  return {
    run: async ({ config, seed, label, weights }, tell) => {
      let state: JobState = {};
      const report = (change: JobState) => {
        state = { ...state, activity: undefined, ...change };
        return tell(state);
      };
      activity = (activity) => report({ activity });
      return await executeRun(config, seed, {
        ...options,
        store,
        allowDownload,
        label,
        weights,
        splits: await splitsOf(config),
        teacher: teachers.outputs,
        onActivity: activity,
        // What was evaluated on the way is over.
        onProgress: (progress) =>
          void report({ progress, evaluated: undefined }),
        onImage: (done, total) =>
          void report({ activity: "evaluating", evaluated: { done, total } }),
        onMeasured: (epoch, { ap }) => {
          const { epochs } = config;
          state = { ...state, measured: { label, seed, epoch, epochs, ap } };
        },
      });
    },
    [Symbol.asyncDispose]: () => teachers[Symbol.asyncDispose](),
  };
}
