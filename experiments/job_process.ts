import { WholeLines } from "./whole_lines.ts";
import type { JobRunner, JobRunnerOptions, JobState } from "./job_runner.ts";
import type { Job } from "./jobs.ts";
import { projectFolder } from "./project.ts";
import type { RunRecord } from "./store.ts";

/** What a process that does runs is started with. */
export interface JobProcessSettings
  extends Pick<JobRunnerOptions, "allowDownload" | "again" | "evaluateEvery"> {
  /** Where runs are stored. */
  readonly folder: string;
  /** Threads of its engine. */
  readonly threads: number;
}

/** What it is told, a line each: a run to do, or to stop after its step. */
export type JobOrder = { readonly run: Job } | { readonly stop: true };

/** What it tells, a line each; a record or an error is a run's last. */
export type JobReport =
  | { readonly state: JobState }
  | { readonly notice: string }
  | { readonly record: RunRecord | null }
  | { readonly error: { readonly name: string; readonly message: string } };

/** The process of a run is gone, with all since the run's last checkpoint. */
export class LostProcessError extends Error {
  override readonly name = "LostProcessError";
}

/**
 * Opens what does runs in a process of its own, which starts with the first run.
 * One that was killed is made up for with the next run. It stops after its step
 * where the signal says so, and where this process is gone.
 *
 * @param options.threads Threads of its engine.
 * @returns Its `run()` throws a {@linkcode LostProcessError} where the process is
 * killed, unless the signal stops it anyway; disposing ends the process.
 */
export function openJobProcess(
  { store, signal, threads, onNotice, ...options }:
    & Omit<JobRunnerOptions, "splitsOf">
    & Pick<JobProcessSettings, "threads">,
): JobRunner {
  const { allowDownload, again, evaluateEvery } = options;
  const { folder } = store;
  let process: JobProcess | undefined;
  const runner: JobRunner = {
    run: async (job, tell) => {
      if (signal?.aborted) return null;
      const isOld = process !== undefined;
      process ??= startProcess({
        ...{ folder, threads, allowDownload, again, evaluateEvery },
      });
      const { say, read } = process;
      const stop = () => void say({ stop: true });
      signal?.addEventListener("abort", stop);
      try {
        await say({ run: job });
        let report: JobReport | undefined;
        let hasBegun = false;
        while ((report = await read()) !== undefined) {
          hasBegun = true;
          if ("state" in report) await tell(report.state);
          else if ("notice" in report) onNotice?.(report.notice);
          else if ("record" in report) return report.record;
          else throw Object.assign(new Error(), report.error);
        }
        const how = await process.ended();
        process = undefined;
        // Ctrl-C goes to all processes, and ends one that is just beginning.
        if (signal?.aborted) return null;
        // Killed since the run before: this one lost nothing.
        if (isOld && !hasBegun) return await runner.run(job, tell);
        throw new LostProcessError(
          `${job.label}, seed ${job.seed}, was cut short: ${how}`,
        );
      } finally {
        signal?.removeEventListener("abort", stop);
      }
    },
    [Symbol.asyncDispose]: async () => {
      await process?.close();
    },
  };
  return runner;
}

interface JobProcess {
  say(order: JobOrder): Promise<void>;
  /** Its next line, or nothing where it has ended. */
  read(): Promise<JobReport | undefined>;
  /** How it ended, in words. */
  ended(): Promise<string>;
  /** Lets it end. */
  close(): Promise<void>;
}

function startProcess(settings: JobProcessSettings): JobProcess {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--quiet", "--config", `${projectFolder}/deno.json`],
      `${projectFolder}/experiments/job_worker.ts`,
      JSON.stringify(settings),
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const orders = child.stdin.getWriter();
  const lines = child.stdout
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new WholeLines())
    .getReader();
  const complaint = lastLine(child.stderr);
  return {
    say: (order) =>
      orders.write(new TextEncoder().encode(`${JSON.stringify(order)}\n`))
        .catch(() => {}), // it is gone, as its lines will tell
    read: async () => {
      const { value } = await lines.read();
      return value === undefined ? undefined : JSON.parse(value);
    },
    ended: async () => {
      const { code, signal } = await child.status;
      if (signal === "SIGKILL") {
        return "its process was killed (SIGKILL), as the system does where " +
          "memory is full";
      }
      const said = await complaint;
      return `its process ended by ${signal ?? `exit status ${code}`}` +
        (said && `: ${said}`);
    },
    close: async () => {
      await orders.close().catch(() => {});
      while (!(await lines.read()).done);
      await child.status;
      await complaint;
    },
  };
}

/** The last line that is not empty; all of it is read, or its writer would wait. */
async function lastLine(
  stream: Deno.ChildProcess["stderr"],
): Promise<string> {
  let last = "";
  const lines = stream.pipeThrough(new TextDecoderStream())
    .pipeThrough(new WholeLines());
  for await (const line of lines) last = line.trim() || last;
  return last;
}
