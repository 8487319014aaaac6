import { runFiles } from "../../experiments/run_files.ts";
import { divergenceText } from "../../experiments/run_record.ts";
import type { RunRecord, RunStore } from "../../experiments/store.ts";
import {
  formatDuration,
  makeTable,
  show,
  type Table,
} from "../../lib/report/mod.ts";
import type { Json } from "../../lib/train/mod.ts";
import type { Command } from "../command.ts";
import { FOLDER_FLAG } from "../config_flags.ts";
import { classTable, metricsTable } from "../metrics_table.ts";
import { configToText } from "../print_config.ts";
import { runCommand } from "../run_command.ts";
import type { Subcommand } from "../run_subcommand.ts";
import { findRun, ID } from "./find_run.ts";
import { resolvedConfig } from "./resolved_config.ts";
import { listedRun, withStore } from "./stored_runs.ts";

const command = {
  name: "./ldlab runs show",
  about: "Shows a run: its settings, terms, metrics, and what it was run with.",
  positionals: { id: ID },
  flags: { folder: FOLDER_FLAG },
} as const satisfies Command;

/** `./ldlab runs show` */
export const SHOW: Subcommand = {
  command,
  run: (args) =>
    runCommand(
      command,
      args,
      ({ id, folder }) =>
        withStore(folder, async (store) => {
          const record = findRun(store, id);
          const { config, teacher } = record;
          console.log(await factsText(record, store));
          const settings = resolvedConfig(config) as Record<string, Json>;
          const named = teacher === null ? settings : { ...settings, teacher };
          console.log(`\n${configToText(named)}\n`);
          for (const table of tables(record)) {
            await show(table);
            console.log();
          }
        }),
    ),
};

/** All but settings and results, a line each. */
async function factsText(record: RunRecord, store: RunStore): Promise<string> {
  const { id, label, seed, teacher, waitShare, seconds } = record;
  const { state, isStale } = await listedRun(record, store);
  const { bytes, names } = await runFiles(store.runFolder(id));
  const facts: [string, string | null][] = [
    ["run", id],
    ["label", `${label}, seed ${seed}`],
    [
      "status",
      isStale
        ? `${state}, stale: of numerics ${record.numerics}, whose results differ`
        : state,
    ],
    [
      "diverged",
      record.divergence && divergenceText(record),
    ],
    ["teacher", teacher && teacherText(teacher, store)],
    ["begun", record.started],
    ["took", seconds > 0 ? formatDuration(seconds) : null],
    [
      "waited",
      waitShare === null
        ? null
        : `${(100 * waitShare).toFixed(1)} % of the training for images`,
    ],
    ["commit", record.commit],
    ["with", record.environment],
    ...Object.entries(record.weights)
      .map(([name, sha256]) => [`${name} weights`, sha256] as [string, string]),
    [
      "files",
      names.length === 0
        ? "none"
        : `${store.runFolder(id)}: ${names.join(", ")} (${
          (bytes / 1e6).toFixed(1)
        } MB)`,
    ],
  ];
  const known = facts.filter(([, text]) => text !== null);
  const width = Math.max(...known.map(([name]) => name.length)) + 2;
  return known.map(([name, text]) => name.padEnd(width) + text).join("\n");
}

function teacherText(teacher: string, store: RunStore): string {
  const record = store.get(teacher);
  return record
    ? `${teacher} (${record.label}, seed ${record.seed})`
    : `${teacher}, which was removed`;
}

/** What was measured, and the terms. */
function tables(record: RunRecord): Table[] {
  const { metrics, epochs, evaluations, seconds } = record;
  const measured = metrics === null ? [] : [
    metricsTable("Metrics", [{ label: record.label, metrics, seconds }]),
    classTable(metrics),
  ];
  const onTheWay = evaluations.length < 2 ? [] : [
    metricsTable(
      "After epochs",
      evaluations.map(({ epoch, metrics }) => ({ label: `${epoch}`, metrics })),
    ),
  ];
  return [...measured, ...onTheWay, ...termsTable(epochs)];
}

/** The first known epoch's terms beside the last one's. */
function termsTable(epochs: RunRecord["epochs"]): Table[] {
  const known = epochs.flatMap((terms, epoch) =>
    terms ? [{ terms, epoch }] : []
  );
  const last = known.at(-1);
  if (last === undefined) return [];
  const shown = last === known[0] ? [last] : [known[0], last];
  return [makeTable({
    title: "Mean terms of an epoch",
    columns: [
      { heading: "", kind: "text" },
      ...shown.map(({ epoch }) =>
        ({ heading: `epoch ${epoch + 1}`, kind: "number", digits: 4 }) as const
      ),
    ],
    rows: Object.keys(last.terms)
      .map((name) => [name, ...shown.map(({ terms }) => terms[name] ?? null)]),
  })];
}
