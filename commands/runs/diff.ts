import type { RunRecord } from "../../experiments/store.ts";
import { makeTable, show, type Table } from "../../lib/report/mod.ts";
import { canonicalJson, type Json } from "../../lib/train/mod.ts";
import type { Command } from "../command.ts";
import { FOLDER_FLAG } from "../config_flags.ts";
import { metricsTable } from "../metrics_table.ts";
import { configToText } from "../print_config.ts";
import { runCommand } from "../run_command.ts";
import type { Subcommand } from "../run_subcommand.ts";
import { findRun, ID } from "./find_run.ts";
import { resolvedConfig } from "./resolved_config.ts";
import { withStore } from "./stored_runs.ts";

const command = {
  name: "./ldlab runs diff",
  about: "Shows in which settings two runs differ, and their metrics.",
  positionals: { a: ID, b: ID },
  flags: { folder: FOLDER_FLAG },
} as const satisfies Command;

/** `./ldlab runs diff` */
export const DIFF: Subcommand = {
  command,
  run: (args) =>
    runCommand(
      command,
      args,
      ({ a, b, folder }) =>
        withStore(folder, async (store) => {
          const runs = [findRun(store, a), findRun(store, b)] as const;
          await show(settingsTable(...runs));
          console.log();
          await show(differenceTable(...runs));
        }),
    ),
};

/** The settings that are not the same, a row each. */
export function settingsTable(a: RunRecord, b: RunRecord): Table {
  const settings = [a, b].map((run) => ({
    label: run.label,
    seed: run.seed,
    numerics: run.numerics,
    ...resolvedConfig(run.config) as Record<string, Json>,
  }));
  const bothLearn = a.teacher !== null && b.teacher !== null;
  const [left, right] = bothLearn ? settings : settings.map((one, side) => {
    const { teacher } = [a, b][side];
    return teacher === null ? one : { ...one, teacher: `run ${teacher}` };
  });
  const rows = differences(left, right, "");
  return makeTable({
    title: `${a.id} and ${b.id}`,
    columns: ["setting", a.id, b.id]
      .map((heading) => ({ heading, kind: "text" })),
    rows: rows.map(({ path, sides }) => [
      path,
      ...sides.map((side) => side === undefined ? null : oneLine(side)),
    ]),
    notes: rows.length === 0 ? ["All settings are the same."] : [],
  });
}

const oneLine = (value: Json) =>
  typeof value === "object" ? JSON.stringify(value) : configToText(value);

interface Difference {
  readonly path: string;
  readonly sides: readonly (Json | undefined)[];
}

/** Where two values differ; objects are gone into, lists are not. */
function differences(
  a: Json | undefined,
  b: Json | undefined,
  path: string,
): Difference[] {
  if (isRecord(a) && isRecord(b)) {
    return Object.keys({ ...a, ...b }).flatMap((name) =>
      differences(a[name], b[name], path === "" ? name : `${path}.${name}`)
    );
  }
  const isSame = a === undefined || b === undefined
    ? a === b
    : canonicalJson(a) === canonicalJson(b);
  if (isSame) return [];
  const [whole, ...others] = [a, b].filter((side) => side !== undefined);
  // One line a setting also where one run has none of them.
  if (others.length === 0 && isRecord(whole)) {
    return Object.keys(whole).flatMap((name) =>
      a === undefined
        ? differences(undefined, whole[name], `${path}.${name}`)
        : differences(whole[name], undefined, `${path}.${name}`)
    );
  }
  return [{ path, sides: [a, b] }];
}

function isRecord(
  value: Json | undefined,
): value is Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The metrics of both, and of the second less the first. */
function differenceTable(a: RunRecord, b: RunRecord): Table {
  const rows = [a, b].map(({ id, metrics, seconds }) => ({
    label: id,
    metrics: metrics ?? {},
    seconds,
  }));
  const both = Object.keys(a.metrics ?? {})
    .filter((name) => b.metrics && name in b.metrics);
  const metrics = Object.fromEntries(
    both.map((name) => [name, b.metrics![name] - a.metrics![name]]),
  );
  return metricsTable("Metrics", [
    ...rows,
    ...(both.length > 0 ? [{ label: "difference", metrics }] : []),
  ]);
}
