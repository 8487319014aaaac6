/**
 * The process that `openJobProcess()` starts: does the runs that its standard
 * input asks for, one at a time, and tells of them on standard output.
 */
import { readSplits, type Splits } from "./data.ts";
import type { RunConfig } from "./config.ts";
import type { JobOrder, JobProcessSettings, JobReport } from "./job_process.ts";
import { type JobRunner, openJobRunner } from "./job_runner.ts";
import type { Job } from "./jobs.ts";
import { openRunEngine } from "./run_engine.ts";
import { RunStore } from "./store.ts";
import { WholeLines } from "./whole_lines.ts";

const { folder, threads, ...options }: JobProcessSettings = JSON.parse(
  Deno.args[0],
);
const stop = new AbortController();
// A terminal sends Ctrl-C to all processes; the one that gives orders tells.
Deno.addSignalListener("SIGINT", () => {});

/** Writes a line; whoever reads it may be gone. */
function say(report: JobReport): void {
  let bytes = new TextEncoder().encode(`${JSON.stringify(report)}\n`);
  try {
    while (bytes.length > 0) {
      bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
    }
  } catch {
    stop.abort();
  }
}

const splits = new Map<string, Promise<Splits>>();

/** Reads each data once; whoever gives orders has told what was mended. */
function splitsOf({ data }: RunConfig): Promise<Splits> {
  const key = JSON.stringify(data);
  const read = splits.get(key) ?? readSplits(data, () => {});
  splits.set(key, read);
  return read;
}

let opened: { store: RunStore; runner: JobRunner } | undefined;

async function open() {
  await openRunEngine(threads);
  const store = new RunStore(folder);
  const runner = openJobRunner({
    ...options,
    store,
    splitsOf,
    signal: stop.signal,
    onNotice: (notice) => say({ notice }),
  });
  return { store, runner };
}

async function run(job: Job): Promise<void> {
  try {
    const { runner } = opened ??= await open();
    say({ record: await runner.run(job, (state) => say({ state })) });
  } catch (error) {
    const { name, message } = error as Error;
    say({ error: { name, message } });
  }
}

let running = Promise.resolve();
const lines = Deno.stdin.readable
  .pipeThrough(new TextDecoderStream())
  .pipeThrough(new WholeLines());
for await (const line of lines) {
  const order: JobOrder = JSON.parse(line);
  if ("run" in order) running = run(order.run);
  else stop.abort();
}
stop.abort();
await running;
await opened?.runner[Symbol.asyncDispose]();
opened?.store.close();
Deno.exit(0);
