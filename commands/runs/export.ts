import { makeTable, tableToCsv } from "../../lib/report/mod.ts";
import { writeFileAtomically } from "../../lib/train/mod.ts";
import type { Command } from "../command.ts";
import { notice } from "../notice.ts";
import { runCommand } from "../run_command.ts";
import type { Subcommand } from "../run_subcommand.ts";
import { UsageError } from "../usage_error.ts";
import {
  FILTER_FLAGS,
  type ListedRun,
  listedRuns,
  withStore,
} from "./stored_runs.ts";

const command = {
  name: "./ldlab runs export",
  about: "Writes the stored runs as CSV or JSON.",
  positionals: {
    file: { about: "where to; printed unless given", optional: true },
  },
  flags: {
    csv: {
      kind: "switch",
      about: "a line a run: what it was, how long it took, its metrics",
    },
    json: {
      kind: "switch",
      about: "all that is stored: also settings and the terms of each epoch",
    },
    ...FILTER_FLAGS,
  },
} as const satisfies Command;

/** `./ldlab runs export` */
export const EXPORT: Subcommand = {
  command,
  run: (args) =>
    runCommand(command, args, ({ file, csv, json, folder, ...filter }) => {
      if (csv === json) {
        throw new UsageError("Cannot export: there must be --csv or --json");
      }
      return withStore(folder, async (store) => {
        const runs = await listedRuns(store, filter);
        const bytes = new TextEncoder().encode(
          csv ? runsToCsv(runs) : runsToJson(runs),
        );
        if (file === null) {
          await Deno.stdout.write(bytes);
          return;
        }
        try {
          await writeFileAtomically(file, [bytes]);
        } catch (error) {
          const { message } = error as Error;
          throw new Error(`Cannot write ${file}: ${message}`, { cause: error });
        }
        const verb = runs.length === 1 ? "run is" : "runs are";
        notice(`${runs.length} ${verb} written to ${file}`);
      });
    }),
};

/** All that is stored of runs. */
export function runsToJson(runs: readonly ListedRun[]): string {
  const records = runs.map(({ record, state, isStale }) => ({
    ...record,
    status: state,
    stale: isStale,
  }));
  return JSON.stringify(records, null, 1) + "\n";
}

/** A line a run, with a column for each metric that some run has. */
export function runsToCsv(runs: readonly ListedRun[]): string {
  const metrics = new Set(
    runs.flatMap(({ record }) => Object.keys(record.metrics ?? {})),
  );
  const text = (heading: string) => ({ heading, kind: "text" }) as const;
  const number = (heading: string) => ({ heading, kind: "number" }) as const;
  return tableToCsv(makeTable({
    title: "",
    columns: [
      ...["id", "label"].map(text),
      number("seed"),
      ...["status", "stale", "teacher", "started"].map(text),
      ...["seconds", "waitShare"].map(number),
      ...[...metrics].map(number),
      number("numerics"),
      ...["commit", "environment"].map(text),
    ],
    rows: runs.map(({ record, state, isStale }) => [
      record.id,
      record.label,
      record.seed,
      state,
      isStale ? "stale" : null,
      record.teacher,
      record.started,
      record.status === "running" ? null : record.seconds,
      record.waitShare,
      ...[...metrics].map((name) => record.metrics?.[name] ?? null),
      record.numerics,
      record.commit,
      record.environment,
    ]),
  }));
}
