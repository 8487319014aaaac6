import { makeTable, type Table } from "../../lib/report/mod.ts";
import { resultsFolder } from "../project.ts";
import { planTable } from "./plan_table.ts";
import type { StoredOptions } from "./stored_rows.ts";
import { scaleHere } from "./scale_here.ts";
import { countingStored } from "./stored_runs.ts";
import { FIGURES, TABLES } from "./tables.ts";

/**
 * All tables, and how many of their runs are stored at a scale. Tables share runs,
 * so that the runs of one may be there before it was ever run.
 *
 * @throws {RangeError} If there is no such scale, or the seeds are no whole number
 * above 0.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { storedTables } from "./stored_tables.ts";
 * const folder = await Deno.makeTempDir();
 * const { rows } = await storedTables({ scale: "smoke", folder });
 * assert.deepEqual(rows[0], ["1a", "Does the temperature τ matter?", 6, "0 of 6"]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function storedTables(
  { folder = resultsFolder, seeds = 1, ...options }: Omit<
    StoredOptions,
    "rows"
  > = {},
): Promise<Table> {
  const scale = scaleHere(options.scale);
  // Figures 4 and 5 measure small and smoke runs only.
  const shown = scale === "paper" ? TABLES : [...TABLES, ...FIGURES];
  const rows: (string | number)[][] = [];
  await countingStored(folder, async (stored) => {
    for (const experiment of shown) {
      const { plan } = planTable(experiment, { scale, seeds });
      let count = 0;
      for (const { change } of plan.rows) {
        const config = { ...plan.baseline, ...change };
        count += await stored({ config, seeds });
      }
      const all = plan.rows.length * seeds;
      rows.push([
        experiment.id,
        experiment.question,
        plan.rows.length,
        `${count} of ${all}`,
      ]);
    }
  });
  const name = typeof scale === "object" ? scale.scale : scale;
  return makeTable({
    title: `What is stored at scale ${name}`,
    columns: [
      { heading: "id", kind: "text" },
      { heading: "asks", kind: "text" },
      { heading: "rows", kind: "number", digits: 0 },
      { heading: "runs stored", kind: "number" },
    ],
    rows,
    notes: [
      `Of ${seeds === 1 ? "seed 0" : `seeds 0 to ${seeds - 1}`}; teachers ` +
      "are not counted.",
    ],
  });
}
