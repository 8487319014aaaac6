/**
 * `./ldlab demo`: localization distillation on real images in minutes. Trains a
 * teacher, a student and the student with LD, prints the table, and leaves
 * tables, figures and the executed notebook under `results/`.
 */
import { executeNotebook } from "../experiments/execute_notebook.ts";
import { projectFolder, resultsFolder } from "../experiments/project.ts";
import { openRunEngine } from "../experiments/run_engine.ts";
import { table1a } from "../experiments/table_1a.ts";
import type { Table1aResult } from "../experiments/table_1a_result.ts";
import {
  formatDuration,
  openExporter,
  openProgress,
  show,
  stopSignal,
  tableToCsv,
  tableToLatex,
  tableToMarkdown,
} from "../lib/report/mod.ts";
import type { Command } from "./command.ts";
import { notice } from "./notice.ts";
import { runCommand } from "./run_command.ts";

const DEMO = {
  name: "./ldlab demo",
  about: "Localization distillation on real images in minutes.",
  flags: {
    scale: {
      kind: "choice",
      choices: ["small", "smoke"],
      default: "small",
      about: "small: real images, 4 to 8 minutes on 2 cores\n" +
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
  },
  notes: "Finished runs are kept: Ctrl-C stops, the same command goes on.",
} as const satisfies Command;

interface Options {
  readonly scale: string;
  readonly seeds: number;
  readonly temperatures: readonly number[];
}

async function demo(options: Options): Promise<void> {
  const from = performance.now();
  const engine = await openRunEngine();
  console.log(`Engine: ${engine.reason}`);
  const signal = stopSignal();
  const progress = openProgress();
  let result: Table1aResult;
  try {
    result = await table1a.run({
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
  const folder = `${resultsFolder}/table_1a/${options.scale}`;
  console.log(`\nWriting to ${folder}:`);
  await writeResults(result, options, folder, signal);
  const seconds = (performance.now() - from) / 1000;
  console.log(`Done in ${formatDuration(seconds)}.`);
}

/** Writes tables, figures and the notebook, and prints their names. */
async function writeResults(
  result: Table1aResult,
  options: Options,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const write = async (name: string, content: string | Uint8Array) => {
    signal.throwIfAborted();
    const bytes = typeof content === "string"
      ? new TextEncoder().encode(content)
      : content;
    await Deno.writeFile(`${folder}/${name}`, bytes);
    console.log(`  ${name}`);
  };
  const tables = [result.table(), result.details()];
  const join = (texts: string[]) => texts.join("\n\n") + "\n";
  await write("table.md", join(tables.map(tableToMarkdown)));
  await write("table.tex", join(tables.map(tableToLatex)));
  await write("table.csv", tableToCsv(tables[0]));
  await write("classes.csv", tableToCsv(tables[1]));
  await write("runs.json", JSON.stringify(result.result, null, 1));
  const figures = {
    ap_over_temperature: result.figure(),
    edge_distributions: await result.edgeDistributions(),
  };
  for (const [name, figure] of Object.entries(figures)) {
    await write(`${name}.json`, JSON.stringify(figure));
  }
  try {
    await using exporter = await openExporter();
    for (const [name, figure] of Object.entries(figures)) {
      await write(`${name}.png`, await exporter.png(figure));
      await write(`${name}.svg`, await exporter.svg(figure));
      await write(`${name}.pdf`, await exporter.pdf(figure));
    }
  } catch (error) {
    signal.throwIfAborted();
    console.log(`  no pictures. ${(error as Error).message}`);
  }
  const name = "table_1a.ipynb";
  await executeNotebook(`${projectFolder}/notebooks/${name}`, {
    target: `${folder}/${name}`,
    environment: {
      LDLAB_SCALE: options.scale,
      LDLAB_SEEDS: `${options.seeds}`,
      LDLAB_TEMPERATURES: options.temperatures.join(","),
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
      demo({ ...options, temperatures: sweep ? [1, 5, 10, 15, 20] : [10] }),
  ),
);
