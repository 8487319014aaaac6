/**
 * `./ldlab eval CONFIG`: measures a run's detector, or that of a file of weights,
 * on the run's test split.
 */
import { classesOf } from "../experiments/class_names.ts";
import { type RunConfig, runId } from "../experiments/config.ts";
import { readSplits } from "../experiments/data.ts";
import { openDetectorFile } from "../experiments/detector_file.ts";
import { measure } from "../experiments/measure.ts";
import { openRunEngine } from "../experiments/run_engine.ts";
import { RunStore } from "../experiments/store.ts";
import { openDetector } from "../experiments/weights.ts";
import type { Detector } from "../lib/detectors/mod.ts";
import { openProgress, show, stopSignal } from "../lib/report/mod.ts";
import type { Arguments, Command } from "./command.ts";
import {
  type AskedConfig,
  askedConfig,
  CONFIG,
  FOLDER_FLAG,
  SEED_FLAG,
  SET_FLAG,
} from "./config_flags.ts";
import { classTable, metricsTable } from "./metrics_table.ts";
import { notice } from "./notice.ts";
import { runCommand } from "./run_command.ts";
import { UsageError } from "./usage_error.ts";

const EVAL = {
  name: "./ldlab eval",
  about: "Measures a detector on the test split of a config.",
  positionals: { config: CONFIG },
  flags: {
    set: SET_FLAG,
    weights: {
      kind: "text",
      value: "FILE",
      about: "a .pth, a safetensors file or a checkpoint, in place of the\n" +
        "weights of the finished run",
    },
    seed: SEED_FLAG,
    folder: FOLDER_FLAG,
    json: {
      kind: "text",
      value: "FILE",
      about: "also write the metrics there",
    },
  },
} as const satisfies Command;

Deno.exit(
  await runCommand(EVAL, Deno.args, async (flags) => {
    const asked = await askedConfig(flags.config, flags.set);
    const { name, config } = asked;
    const { reason } = await openRunEngine();
    console.log(`Engine: ${reason}`);
    const detector = await detectorOf(asked, flags);
    const metrics = await measureTest(detector, config);
    await show(metricsTable(name, [{ label: flags.weights ?? "", metrics }]));
    console.log();
    await show(classTable(metrics));
    if (flags.json !== null) {
      const text = JSON.stringify(metrics, null, 1);
      await Deno.writeTextFile(flags.json, text).catch((error) => {
        const { message } = error as Error;
        throw new Error(`Cannot write the metrics ${flags.json}: ${message}`);
      });
    }
  }),
);

async function detectorOf(
  { name, config }: AskedConfig,
  { weights, seed, folder }: Arguments<typeof EVAL>,
): Promise<Detector> {
  if (weights !== null) {
    const classes = classesOf(config.data);
    return await openDetectorFile(weights, config.model, { classes });
  }
  const store = new RunStore(folder);
  try {
    if (!store.finished(await runId(config, seed))) {
      throw new UsageError(
        `Cannot measure ${name}, seed ${seed}: it has not been run. Run ` +
          `./ldlab train ${name}, or give --weights`,
      );
    }
    return await openDetector({ config, seed, store });
  } finally {
    store.close();
  }
}

async function measureTest(
  detector: Detector,
  config: RunConfig,
): Promise<Record<string, number>> {
  const splits = await readSplits(config.data, notice);
  const progress = openProgress();
  try {
    return await measure(detector, config, splits, {
      signal: stopSignal(),
      onImage: (step, steps) =>
        void progress.update({ levels: [], step, steps }),
    });
  } finally {
    await progress.close();
    detector.dispose();
  }
}
