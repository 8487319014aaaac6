/**
 * `./ldlab demo`: localization distillation on real images in minutes. Trains a
 * teacher, a student and the student with LD, prints the table, and leaves
 * tables, figures and the executed notebook under `results/`.
 */
import { resolve } from "node:path";
import { bundleStamp } from "../experiments/bundle_stamp.ts";
import { projectFolder } from "../experiments/project.ts";
import { openRunEngine } from "../experiments/run_engine.ts";
import { runTable } from "../experiments/tables/run_table.ts";
import { TABLE_1A } from "../experiments/tables/table_1a.ts";
import type { TableResult } from "../experiments/tables/table_result.ts";
import {
  formatDuration,
  openProgress,
  show,
  stopSignal,
} from "../lib/report/mod.ts";
import type { Command } from "./command.ts";
import { FOLDER_FLAG } from "./config_flags.ts";
import { executeNotebook } from "./execute_notebook.ts";
import { notice } from "./notice.ts";
import { outputFolder } from "./output_folder.ts";
import { runCommand } from "./run_command.ts";
import { writeResults } from "./write_results.ts";

const DEMO = {
  name: "./ldlab demo",
  about: "Localization distillation on real images in minutes.",
  flags: {
    scale: {
      kind: "choice",
      choices: ["small", "smoke"],
      default: "small",
      about: "small: real images, 4 to 8 minutes on 2 cores;\n" +
        "at full width on an NVIDIA card\n" +
        "smoke: synthetic scenes, under a minute",
    },
    seeds: {
      kind: "number",
      whole: true,
      least: 1,
      default: 1,
      about: "run each student N times",
    },
    sweep: {
      kind: "switch",
      about: "all temperatures of Table 1a, in place of τ = 10",
    },
    folder: {
      ...FOLDER_FLAG,
      about: "where runs, tables and figures go; results/ unless given",
    },
  },
  notes: "Finished runs are kept: Ctrl-C stops, the same command goes on.",
} as const satisfies Command;

interface Options {
  readonly scale: string;
  readonly seeds: number;
  readonly rows: readonly string[];
  readonly folder: string;
}

async function demo(options: Options): Promise<void> {
  const from = performance.now();
  const engine = await openRunEngine();
  console.log(`Engine: ${engine.reason}`);
  const signal = stopSignal();
  const progress = openProgress();
  let result: TableResult;
  try {
    result = await runTable(TABLE_1A, {
      ...options,
      progress,
      signal,
      onNotice: notice,
    });
  } finally {
    await progress.close();
  }
  console.log();
  await show(result.table());
  console.log();
  await show(result.details());
  console.log(`\n${result.conclusion()}`);
  const folder = outputFolder(TABLE_1A, {
    ...options,
    scale: result.scale, // on a card, small is of full width
    output: null,
    isOneOfAll: false,
  });
  console.log(`\nWriting to ${folder}:`);
  await writeResults(result, folder, { signal, journal: null });
  await writeNotebook(options, folder, signal);
  const seconds = (performance.now() - from) / 1000;
  console.log(`Done in ${formatDuration(seconds)}.`);
}

/** Executes the notebook with what the demo ran, where JupyterLab is. */
async function writeNotebook(
  options: Options,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const name = "table_1a.ipynb";
  if (bundleStamp() !== null) {
    console.log(
      `  no ${name}: executing it takes JupyterLab, which a bundle lacks`,
    );
    return;
  }
  await executeNotebook(`${projectFolder}/notebooks/${name}`, {
    target: `${folder}/${name}`,
    environment: {
      LDLAB_SCALE: options.scale,
      LDLAB_SEEDS: `${options.seeds}`,
      LDLAB_RESULTS: resolve(options.folder),
      ...(options.rows.length > 0 && { LDLAB_ROWS: options.rows.join(",") }),
    },
    signal,
  });
  console.log(`  ${name}`);
}

// By exit: a kernel or browser that is slow to go does not hold the prompt.
Deno.exit(
  await runCommand(
    DEMO,
    Deno.args,
    ({ sweep, ...options }) =>
      demo({ ...options, rows: sweep ? [] : ["tau_10"] }),
  ),
);
