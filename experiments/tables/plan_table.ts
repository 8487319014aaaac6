import { nearestName } from "../../lib/data/nearest_name.ts";
import { chosenRows } from "./chosen_rows.ts";
import type {
  TableExperiment,
  TablePlan,
  TableRow,
} from "./table_experiment.ts";
import {
  TABLE_SCALES,
  type TableSetting,
  tableSetting,
} from "./table_setting.ts";

/** How much of a table is run. */
export interface PlanOptions {
  /** One of `TABLE_SCALES`, or a setting of one's own; `small` unless given. */
  readonly scale?: string | TableSetting;
  /** How often each row is run; 1 unless given. */
  readonly seeds?: number;
  /** Ids of rows; all unless given. What their gains are over is run too. */
  readonly rows?: readonly string[];
}

/**
 * What is run of a table, before anything is.
 *
 * @returns The setting, and the plan with the rows that were chosen and their
 * teachers.
 * @throws {RangeError} If there is no such scale or row, with the nearest name, or
 * the seeds are no whole number above 0.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { planTable } from "./plan_table.ts";
 * import { TABLE_1A } from "./table_1a.ts";
 * const { plan } = planTable(TABLE_1A, { scale: "smoke", rows: ["tau_5"] });
 * assert.deepEqual(plan.rows.map(({ id }) => id), ["baseline", "tau_5"]);
 * ```
 */
export function planTable(
  experiment: TableExperiment,
  { scale = "small", seeds = 1, rows: ids = [] }: PlanOptions,
): { readonly setting: TableSetting; readonly plan: TablePlan } {
  const setting = typeof scale === "string"
    ? tableSetting(requireScale(experiment, scale))
    : scale;
  if (!(Number.isInteger(seeds) && seeds > 0)) {
    throw new RangeError(
      `Cannot run ${nameOf(experiment)}: seeds must be a whole number above ` +
        `0: current value is ${seeds}`,
    );
  }
  const plan = experiment.at(setting);
  if (ids.length === 0) return { setting, plan };
  const rows = chosenRows(experiment.id, plan.rows, ids);
  return { setting, plan: { ...plan, rows, teachers: teachersOf(plan, rows) } };
}

/** As a sentence has it: `Table 1a`. */
const nameOf = ({ title }: TableExperiment) => title.split(":")[0];

function requireScale(
  experiment: TableExperiment,
  scale: string,
): (typeof TABLE_SCALES)[number] {
  const known = TABLE_SCALES.find((name) => name === scale);
  if (known) return known;
  const near = nearestName(scale, [...TABLE_SCALES]);
  throw new RangeError(
    `Cannot run ${nameOf(experiment)}: scale must be ` +
      `${TABLE_SCALES.join(" or ")}: current value is '${scale}'` +
      (near ? `; did you mean '${near}'?` : ""),
  );
}

/** The shown teachers that some rows learn from or are compared with. */
function teachersOf(
  { teachers }: TablePlan,
  rows: readonly TableRow[],
): TablePlan["teachers"] {
  return teachers.filter(({ config }) =>
    rows.some(({ change: { teacher }, measuring }) =>
      [teacher, measuring?.errorsTo].some((each) =>
        each && "config" in each && each.config === config
      )
    )
  );
}
