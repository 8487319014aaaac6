import { formatDuration, makeTable, show } from "../../lib/report/mod.ts";
import type { Table } from "../../lib/report/mod.ts";
import type { Command } from "../command.ts";
import { runCommand } from "../run_command.ts";
import type { Subcommand } from "../run_subcommand.ts";
import {
  FILTER_FLAGS,
  type ListedRun,
  listedRuns,
  withStore,
} from "./stored_runs.ts";

const command = {
  name: "./ldlab runs list",
  about: "Shows the stored runs, oldest first.",
  flags: FILTER_FLAGS,
} as const satisfies Command;

/** `./ldlab runs list` */
export const LIST: Subcommand = {
  command,
  run: (args) =>
    runCommand(
      command,
      args,
      ({ folder, ...filter }) =>
        withStore(folder, async (store) => {
          const runs = await listedRuns(store, filter);
          await show(
            runs.length > 0
              ? listTable(runs, folder, Date.now())
              : `No such run is stored in ${folder}`,
          );
        }),
    ),
};

/**
 * Runs as a table.
 *
 * @param now Milliseconds since 1970, which ages are counted to.
 */
export function listTable(
  runs: readonly ListedRun[],
  folder: string,
  now: number,
): Table {
  const stale = runs.filter(({ isStale }) => isStale).length;
  return makeTable({
    title: `Runs in ${folder}`,
    columns: [
      { heading: "id", kind: "text" },
      { heading: "label", kind: "text" },
      { heading: "seed", kind: "number", digits: 0 },
      { heading: "status", kind: "text" },
      { heading: "AP", kind: "number" },
      { heading: "time", kind: "duration" },
      { heading: "begun", kind: "text" },
    ],
    rows: runs.map(({ record, state, isStale }) => [
      record.id,
      record.label,
      record.seed,
      isStale ? `${state}, stale` : state,
      record.metrics === null ? null : 100 * (record.metrics.ap ?? NaN),
      record.status === "running" ? null : record.seconds,
      `${ageText((now - Date.parse(record.started)) / 1000)} ago`,
    ]),
    notes: stale === 0 ? [] : [
      `${stale} ${stale === 1 ? "run is" : "runs are"} stale: of an older ` +
      `version, whose results differ. They are run again when asked for.`,
    ],
  });
}

/** How long ago, roughly. */
function ageText(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  if (days >= 2) return `${days} days`;
  return formatDuration(Math.max(0, seconds));
}
