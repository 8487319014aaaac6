import type { Progress } from "../lib/train/mod.ts";
import { runId } from "./config.ts";
import { LostProcessError } from "./job_process.ts";
import { JobQueue } from "./job_queue.ts";
import type { JobRunner, JobState } from "./job_runner.ts";
import type { ExperimentProgress, Job, JobsOptions } from "./jobs.ts";
import type { RunRecord } from "./store.ts";

/** Who does which jobs, and who is told. */
export interface DispatchOptions extends Pick<JobsOptions, "onProgress"> {
  readonly runners: readonly JobRunner[];
  /** By job; only what is not there is run. */
  readonly stored: readonly (RunRecord | undefined)[];
  /** By job: how much work it is, in any unit; 0 for what is stored. */
  readonly costs: readonly number[];
  /** Makes the runners stop after their step. */
  readonly stop: () => void;
  readonly notice: (message: string) => void;
}

/**
 * Hands jobs to runners, teachers before their students, and adds up where they
 * are.
 *
 * @returns All runs, or `null` if one was stopped.
 * @throws {Error} What a runner throws, once the others have stopped; of a process
 * that was lost, at the end.
 */
export async function dispatchJobs(
  jobs: readonly Job[],
  options: DispatchOptions,
): Promise<RunRecord[] | null> {
  const { runners, stored, stop, notice } = options;
  const records = [...stored];
  const todo = [...jobs.keys()].filter((index) => !stored[index]);
  const queue = new JobQueue(todo, await teachersOf(jobs));
  const { tell, forget } = progressOf(jobs, todo.length, options);
  const lost: string[] = [];
  let isStopped = false;
  const workWith = async (runner: JobRunner) => {
    let index: number | undefined;
    while ((index = await queue.take()) !== undefined) {
      const at = index;
      try {
        const record = await runner.run(jobs[at], (state) => tell(at, state));
        forget(at, record);
        if (record === null) {
          isStopped = true;
          queue.close();
        } else records[at] = record;
        queue.done(at);
      } catch (error) {
        forget(at, null);
        if (!(error instanceof LostProcessError)) {
          stop();
          queue.close();
          throw error;
        }
        lost.push(error.message);
        notice(error.message);
        for (const student of queue.lose(at)) {
          const message =
            `${nameOf(jobs[student])}, is not run, as it learns ` +
            `from ${nameOf(jobs[at])}`;
          lost.push(message);
          notice(message);
        }
      }
    }
  };
  const ends = await Promise.allSettled(runners.map(workWith));
  for (const end of ends) {
    if (end.status === "rejected") throw end.reason;
  }
  if (isStopped) return null;
  if (lost.length > 0) {
    throw new Error(
      `Cannot finish ${lost.length} of ${todo.length} runs: ` +
        `${lost.join("; ")}. Run the same again to go on, with fewer runs at ` +
        `once if memory was short: the others are stored`,
    );
  }
  return records as RunRecord[];
}

const nameOf = ({ label, seed }: Job) => `${label}, seed ${seed}`;

/** By job, the job that is its teacher's, if it is among them. */
async function teachersOf(
  jobs: readonly Job[],
): Promise<(number | undefined)[]> {
  const ids = new Map<string, number>();
  const teachers: (number | undefined)[] = [];
  for (const [index, { config, seed }] of jobs.entries()) {
    const { teacher } = config;
    teachers.push(
      teacher && "config" in teacher
        ? ids.get(await runId(teacher.config, teacher.seed))
        : undefined,
    );
    ids.set(await runId(config, seed), index);
  }
  return teachers;
}

/** Adds up where the runs are that go on at once. */
function progressOf(
  jobs: readonly Job[],
  runs: number,
  { runners, costs, onProgress }: DispatchOptions,
) {
  // What is left of each run: of one that goes on, what comes after the steps
  // that it has done before, which would pass for the work of a moment.
  const work = [...costs];
  const before = new Map<number, number>();
  const states = new Map<number, JobState>();
  let [run, spent] = [0, 0];
  let measured: ExperimentProgress["measured"];
  const start = (index: number, { iteration, total }: Progress) => {
    if (before.has(index)) return;
    before.set(index, iteration - 1);
    work[index] = costs[index] * (total - iteration + 1) / total;
  };
  const begun = (index: number, { progress }: JobState) => {
    if (!progress) return 0;
    const { iteration, total } = progress;
    const first = before.get(index)!;
    return work[index] * (iteration - first) / (total - first);
  };
  return {
    tell: (index: number, state: JobState) => {
      states.set(index, state);
      if (state.progress) start(index, state.progress);
      const total = work.reduce((sum, cost) => sum + cost, 0);
      measured = state.measured ?? measured;
      const { label, seed } = jobs[index];
      const going = [...states].sort(([a], [b]) => a - b);
      const share = going.reduce(
        (sum, [index, state]) => sum + begun(index, state),
        spent,
      ) / total;
      return onProgress?.({
        ...state,
        ...{ label, seed, run, runs, share, measured },
        ...(runners.length > 1 && {
          beside: going.map(([index, { measured: _, ...state }]) => ({
            label: jobs[index].label,
            seed: jobs[index].seed,
            ...state,
          })),
        }),
      });
    },
    forget: (index: number, record: RunRecord | null) => {
      states.delete(index);
      if (record === null) return;
      spent += work[index];
      run++;
      if (record.metrics === null) return;
      const { label, seed, config: { epochs } } = jobs[index];
      const { ap } = record.metrics;
      measured = { label, seed, epoch: epochs, epochs, ap };
    },
  };
}
