import type { TablePlan, TableRow } from "./table_experiment.ts";
import { type TableSetting, teacherRows } from "./table_setting.ts";

/**
 * The plan of a table whose rows are one student with different terms, all from
 * one teacher, who is given to each row that has terms.
 *
 * @param rows The baseline first.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { PRESETS } from "../../lib/distill/mod.ts";
 * import { onePair } from "./one_pair.ts";
 * import { tableSetting } from "./table_setting.ts";
 * const { terms } = PRESETS.ld2021;
 * const plan = onePair([
 *   { id: "baseline", label: "without LD", change: {} },
 *   { id: "ld", label: "LD", change: { terms } },
 * ]);
 * const setting = tableSetting("small");
 * const [, ld] = plan(setting).rows;
 * assert.deepEqual(ld.change, { terms, teacher: setting.teacher });
 * ```
 */
export function onePair(
  rows: readonly TableRow[],
): (setting: TableSetting) => TablePlan {
  return (setting) => ({
    teachers: teacherRows(setting),
    baseline: setting.student,
    rows: rows.map(({ change, ...row }) => ({
      ...row,
      change: change.terms ? { ...change, teacher: setting.teacher } : change,
    })),
  });
}
