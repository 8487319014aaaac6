/**
 * `./ldlab train CONFIG`: trains a run and the runs that it learns from, measures
 * them, and keeps the weights.
 */
import { runId } from "../experiments/config.ts";
import { type Job, runJobs } from "../experiments/jobs.ts";
import { progressState } from "../experiments/progress_state.ts";
import { openRunEngine } from "../experiments/run_engine.ts";
import { divergenceText } from "../experiments/run_record.ts";
import { type RunRecord, RunStore } from "../experiments/store.ts";
import { withTeachers } from "../experiments/with_teachers.ts";
import { openProgress, show, stopSignal } from "../lib/report/mod.ts";
import { loadCheckpoint } from "../lib/train/mod.ts";
import type { Arguments, Command } from "./command.ts";
import {
  type AskedConfig,
  askedConfig,
  CONFIG,
  DOWNLOAD_FLAG,
  FOLDER_FLAG,
  SEED_FLAG,
  SET_FLAG,
} from "./config_flags.ts";
import { dryRunText } from "./dry_run.ts";
import { configNames } from "./find_config.ts";
import { metricsTable } from "./metrics_table.ts";
import { notice } from "./notice.ts";
import { runCommand } from "./run_command.ts";
import { UsageError } from "./usage_error.ts";

const TRAIN = {
  name: "./ldlab train",
  about:
    "Trains a run, and first the runs that it learns from; measures them " +
    "and keeps their weights.",
  positionals: { config: { ...CONFIG, optional: true } },
  flags: {
    set: SET_FLAG,
    seed: SEED_FLAG,
    dryRun: {
      kind: "switch",
      about: "print what would be run: settings, batch, rate, terms",
    },
    resume: {
      kind: "switch",
      about: "go on with a run that was stopped",
    },
    again: {
      kind: "switch",
      about: "start runs that diverged over",
    },
    evaluateEvery: {
      kind: "number",
      whole: true,
      least: 1,
      about: "measure also after every N epochs; the results stay the same",
    },
    download: DOWNLOAD_FLAG,
    folder: FOLDER_FLAG,
    list: { kind: "switch", about: "print the names that CONFIG may be" },
  },
  notes: "Ctrl-C stops after the current step and keeps what is done; " +
    "--resume goes on. What is finished is not run again.",
} as const satisfies Command;

Deno.exit(
  await runCommand(TRAIN, Deno.args, async (flags) => {
    if (flags.list) {
      console.log(configNames().join("\n"));
      return;
    }
    if (flags.config === null) {
      throw new UsageError(
        "Cannot train: there must be a CONFIG; --list shows the names",
      );
    }
    const asked = await askedConfig(flags.config, flags.set);
    if (flags.dryRun) console.log(dryRunText(asked));
    else await train(asked, flags);
  }),
);

/** Runs what is not stored yet, and prints what it came to. */
async function train(
  { name, config, published }: AskedConfig,
  { seed, resume, again, evaluateEvery, download, folder, set }: Arguments<
    typeof TRAIN
  >,
): Promise<void> {
  const jobs = await withTeachers([{
    label: name,
    config,
    seed,
    weights: true,
  }]);
  const store = new RunStore(folder);
  try {
    if (!resume) await refuseUnfinished(jobs, store);
    const { reason } = await openRunEngine();
    console.log(`Engine: ${reason}`);
    const progress = openProgress();
    let records: RunRecord[] | null;
    try {
      records = await runJobs(jobs, {
        store,
        signal: stopSignal(),
        allowDownload: download,
        onProgress: (state) =>
          progress.update({
            ...progressState(state),
            // Who runs one knows which: a terminal's line has room for little.
            ...(state.runs === 1 && { levels: [] }),
          }),
        again,
        evaluateEvery: evaluateEvery ?? undefined,
        onNotice: notice,
      });
    } finally {
      await progress.close();
    }
    if (records === null) {
      throw new DOMException(
        "Stopped. The same command with --resume goes on",
        "AbortError",
      );
    }
    const rows = records.map(({ label, metrics, seconds }) => ({
      label,
      metrics: metrics ?? {},
      seconds,
    }));
    await show(
      metricsTable(
        `Run ${records.at(-1)!.id}`,
        rows,
        set.length === 0 ? published?.results : [], // another run's otherwise
      ),
    );
    const last = records.at(-1)!;
    if (last.status === "diverged") {
      throw new Error(
        `Cannot finish: ${divergenceText(last)}. Look at these images and ` +
          `their boxes, or lower the learning rate; --again starts it over`,
      );
    }
    const own = store.runFolder(await runId(config, seed));
    console.log(`\nWeights: ${own}/weights.safetensors`);
  } finally {
    store.close();
  }
}

/** A run that was stopped goes on only if that is asked for. */
async function refuseUnfinished(
  jobs: readonly Job[],
  store: RunStore,
): Promise<void> {
  for (const { label, config, seed } of jobs) {
    const record = store.get(await runId(config, seed));
    if (record?.status !== "running") continue;
    const found = await loadCheckpoint(store.runFolder(record.id));
    if (!found) continue;
    throw new UsageError(
      `Cannot start ${label}, seed ${seed}: it was stopped at iteration ` +
        `${found.checkpoint.position.iteration}. Add --resume to go on, or remove ` +
        `${store.runFolder(record.id)} to start over`,
    );
  }
}
