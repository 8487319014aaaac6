import { join } from "node:path";
import type { TableExperiment } from "../experiments/tables/table_experiment.ts";
import { folderOf } from "../experiments/tables/tables.ts";

/** What was typed that says where a table's files go. */
export interface OutputOptions {
  /** Where runs are stored. */
  readonly folder: string;
  /** Where files go, if it was said. */
  readonly output: string | null;
  readonly scale: string;
  /** Ids of the rows that were chosen; none for all. */
  readonly rows: readonly string[];
  /** Whether other tables are written too. */
  readonly isOneOfAll: boolean;
}

/**
 * The folder of a table's files: beside its runs unless said otherwise. Some rows
 * have a folder of their own, so that they never take the whole table's place.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { outputFolder } from "./output_folder.ts";
 * const asked = { folder: "results", output: null, scale: "small", rows: [], isOneOfAll: false };
 * assert.equal(outputFolder({ id: "1a" }, asked), "results/table_1a/small");
 * assert.equal(outputFolder({ id: "1a" }, { ...asked, output: "paper" }), "paper");
 * const rows = ["tau_10"];
 * assert.equal(outputFolder({ id: "1a" }, { ...asked, rows }), "results/table_1a/small/rows_tau_10");
 * ```
 */
export function outputFolder(
  table: Pick<TableExperiment, "id">,
  { folder, output, scale, rows, isOneOfAll }: OutputOptions,
): string {
  const whole = output === null
    ? join(folder, folderOf(table), scale)
    : join(output, isOneOfAll ? folderOf(table) : "");
  return rows.length === 0
    ? whole
    : join(whole, `rows_${[...new Set(rows)].sort().join("_")}`);
}
