/**
 * `./ldlab table ID`: runs a table of the paper, prints it beside the paper's
 * numbers, and leaves it under the folder of the runs.
 */
import { planTable } from "../experiments/tables/plan_table.ts";
import { runTable } from "../experiments/tables/run_table.ts";
import { scaleHere } from "../experiments/tables/scale_here.ts";
import type { TableExperiment } from "../experiments/tables/table_experiment.ts";
import type { TableResult } from "../experiments/tables/table_result.ts";
import { FIGURES, findTable, TABLES } from "../experiments/tables/tables.ts";
import {
  formatDuration,
  openProgress,
  show,
  stopSignal,
} from "../lib/report/mod.ts";
import type { Arguments, Command } from "./command.ts";
import { DOWNLOAD_FLAG, FOLDER_FLAG } from "./config_flags.ts";
import { notice } from "./notice.ts";
import { runCommand } from "./run_command.ts";
import { outputFolder } from "./output_folder.ts";
import { planText, tableList } from "./table_plan.ts";
import { UsageError } from "./usage_error.ts";
import { writeResults } from "./write_results.ts";

const TABLE = {
  name: "./ldlab table",
  about: "Runs a table of the paper at the size of this machine, and prints " +
    "it beside the paper's numbers.",
  positionals: {
    id: {
      about:
        "1a, 1b, 1c, 2, …, figure 4; all for everything; --list shows them",
      optional: true,
      many: true, // figure 4 is figure_4
    },
  },
  flags: {
    scale: {
      kind: "text",
      value: "small|smoke|paper",
      default: "small",
      about: "small: real images, half a minute a student;\n" +
        "at full width on an NVIDIA card\n" +
        "smoke: synthetic scenes, seconds\n" +
        "paper: COCO and VOC as published, days without a GPU",
    },
    seeds: {
      kind: "number",
      whole: true,
      least: 1,
      default: 1,
      about: "run each row N times; 3 show what is chance",
    },
    rows: {
      kind: "text",
      value: "A,B",
      about: "only these rows, and what their gains are over",
    },
    dryRun: {
      kind: "switch",
      about: "print the rows, what they change and what is stored",
    },
    again: {
      kind: "switch",
      about: "start runs that diverged over",
    },
    evaluateEvery: {
      kind: "number",
      whole: true,
      least: 1,
      default: 6,
      about: "measure also after every N epochs; the results stay the same",
    },
    jobs: {
      kind: "number",
      whole: true,
      least: 1,
      default: 1,
      about: "do N runs at once, in processes that share the cores; each " +
        "takes a run's memory, 1 to 2 GB at small",
    },
    journal: {
      kind: "choice",
      choices: ["single", "double"],
      about: "write the figures also at a journal's width, one column or two",
    },
    list: { kind: "switch", about: "print the tables" },
    download: DOWNLOAD_FLAG,
    folder: FOLDER_FLAG,
    output: {
      kind: "text",
      value: "FOLDER",
      about: "where the table's files go; its folder under results/ unless " +
        "given; of all, a folder each in it",
    },
  },
  notes:
    "Finished runs are kept and shared between tables: Ctrl-C stops, the " +
    "same command goes on.",
} as const satisfies Command;

type Flags = Arguments<typeof TABLE>;

Deno.exit(
  await runCommand(TABLE, Deno.args, async (flags) => {
    if (flags.list) return await show(tableList([...TABLES, ...FIGURES]));
    const id = flags.id.join("_");
    if (id === "") {
      throw new UsageError(
        "Cannot run a table: ID is missing; --list shows all",
      );
    }
    if (flags.id.length > 1 && flags.id[0] !== "figure") {
      throw new UsageError(
        `Cannot run '${flags.id.join(" ")}': name one table, or all`,
      );
    }
    const chosen = id === "all"
      ? [...TABLES, ...(flags.scale === "paper" ? [] : FIGURES)]
      : [usage(() => findTable(id))];
    if (chosen.length > 1 && flags.rows !== null) {
      throw new UsageError("Cannot choose rows of all tables: name one table");
    }
    const signal = stopSignal();
    const isOneOfAll = chosen.length > 1;
    for (const table of chosen) {
      await runOne(table, { ...flags, isOneOfAll }, signal);
    }
  }),
);

/** What was typed is wrong, not the program. */
function usage<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(error.message);
  }
}

/** Runs or shows one table. */
async function runOne(
  table: TableExperiment,
  { scale, seeds, folder, dryRun, download, again, evaluateEvery, ...flags }:
    & Flags
    & { readonly isOneOfAll: boolean },
  signal: AbortSignal,
): Promise<void> {
  const rows = flags.rows?.split(",") ?? [];
  const here = scaleHere(scale);
  const { setting, plan } = usage(() =>
    planTable(table, { scale: here, seeds, rows })
  );
  await show(
    `\n${table.title}\n${table.question}\nThe paper: ${table.found}\n`,
  );
  if (dryRun) return await show(await planText(plan, { seeds, folder }));
  const from = performance.now();
  const progress = openProgress();
  let result: TableResult;
  try {
    result = await runTable(table, {
      scale: setting,
      seeds,
      rows,
      folder,
      allowDownload: download,
      again,
      evaluateEvery,
      atOnce: flags.jobs,
      onStart: ({ reason }) => notice(`Engine: ${reason}`),
      progress,
      signal,
      onNotice: notice,
    });
  } finally {
    await progress.close();
  }
  for (const each of result.tables()) {
    await show(each);
    console.log();
  }
  await show(result.conclusion());
  const target = outputFolder(table, {
    ...{ ...flags, folder, rows },
    scale: setting.scale,
  });
  console.log(`\nWriting to ${target}:`);
  await writeResults(result, target, { signal, journal: flags.journal });
  const seconds = (performance.now() - from) / 1000;
  console.log(`Done in ${formatDuration(seconds)}.`);
}
