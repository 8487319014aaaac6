import { type RunConfig, runId } from "../experiments/config.ts";
import { countingStored } from "../experiments/tables/stored_runs.ts";
import type {
  TableExperiment,
  TablePlan,
} from "../experiments/tables/table_experiment.ts";
import { makeTable, type Table } from "../lib/report/mod.ts";

/**
 * The tables that there are.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { TABLES } from "../experiments/tables/tables.ts";
 * import { tableList } from "./table_plan.ts";
 *
 * assert.equal(tableList(TABLES).rows[0][0], "1a");
 * ```
 */
export function tableList(tables: readonly TableExperiment[]): Table {
  return makeTable({
    title: "Tables",
    columns: [
      { heading: "ID", kind: "text" },
      { heading: "asks", kind: "text" },
    ],
    rows: tables.map(({ id, question }) => [id, question]),
  });
}

/**
 * The rows of a table: the id of each row's first run, how many of its runs are
 * stored, and what it changes.
 *
 * @param options.seeds How often each row would be run.
 * @param options.folder Where runs are stored.
 * @returns Lines.
 */
export async function planText(
  { baseline, rows }: TablePlan,
  { seeds, folder }: { readonly seeds: number; readonly folder: string },
): Promise<string> {
  return await countingStored(folder, async (count) => {
    const lines: string[] = [];
    for (const { id, label, change } of rows) {
      const config = { ...baseline, ...change };
      const stored = await count({ config, seeds });
      const first = await runId(config, 0);
      lines.push(
        `${id}: ${label} (run ${first}, ${stored} of ${seeds} stored)`,
        ...await changeLines(change),
      );
    }
    return lines.join("\n");
  });
}

/** A setting a line, of terms a term. */
async function changeLines(
  { terms, teacher, ...rest }: Partial<RunConfig>,
): Promise<string[]> {
  const settings: Record<string, unknown> = { ...rest };
  for (const [name, term] of Object.entries(terms ?? {})) {
    settings[`terms.${name}`] = term;
  }
  const lines = Object.entries(settings)
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  if (teacher) {
    lines.push(
      "config" in teacher
        ? `teacher: run ${await runId(teacher.config, teacher.seed)}`
        : `teacher: ${JSON.stringify(teacher.weights)}`,
    );
  }
  return lines.map((line) => `  ${line}`);
}
