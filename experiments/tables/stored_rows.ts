import { makeTable, type Table } from "../../lib/report/mod.ts";
import { resultsFolder } from "../project.ts";
import { type PlanOptions, planTable } from "./plan_table.ts";
import { scaleHere } from "./scale_here.ts";
import { countingStored } from "./stored_runs.ts";
import type { TableExperiment } from "./table_experiment.ts";

/** Of which runs, and where they are stored. */
export interface StoredOptions extends PlanOptions {
  /** Where runs are stored; `results/` unless given. */
  readonly folder?: string;
}

/**
 * The rows of a table and how many of their runs are stored.
 *
 * Use it before a table is run: the rest is what it will do. The ids are what
 * `rows` takes.
 *
 * @throws {RangeError} If there is no such scale or row, or the seeds are no whole
 * number above 0.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { storedRows } from "./stored_rows.ts";
 * import { TABLE_1A } from "./table_1a.ts";
 * const folder = await Deno.makeTempDir();
 * const options = { scale: "smoke", rows: ["tau_5"], folder } as const;
 * const { rows } = await storedRows(TABLE_1A, options);
 * assert.deepEqual(rows[1], ["tau_5", "LD, τ = 5", "0 of 1"]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function storedRows(
  experiment: TableExperiment,
  { folder = resultsFolder, seeds = 1, ...options }: StoredOptions = {},
): Promise<Table> {
  const scale = scaleHere(options.scale);
  const { setting, plan } = planTable(experiment, { ...options, scale, seeds });
  const rows: string[][] = [];
  await countingStored(folder, async (stored) => {
    for (const { id, label, change } of plan.rows) {
      const config = { ...plan.baseline, ...change };
      const count = await stored({ config, seeds });
      rows.push([id, label, `${count} of ${seeds}`]);
    }
  });
  return makeTable({
    title: `Rows at scale ${setting.scale}`,
    columns: [
      { heading: "id", kind: "text" },
      { heading: "row", kind: "text" },
      { heading: "runs stored", kind: "number" },
    ],
    rows,
  });
}
