import { type Figure, gainOverAp } from "../../lib/report/mod.ts";
import { overOf } from "./chosen_rows.ts";
import type { DrawFigure } from "./table_experiment.ts";
import type { TableResult } from "./table_result.ts";

/**
 * The figure of tables whose students have two rows each: what each student gained
 * against its AP alone.
 */
export function studentGains(
  { rows }: TableResult,
): Readonly<Record<string, DrawFigure>> {
  return rows.some((row) => overOf(row, rows) !== null)
    ? { gain_over_ap: drawStudentGains }
    : {};
}

function drawStudentGains(table: TableResult): Figure {
  const { rows, result, setting, experiment } = table;
  const column = experiment.metrics.findIndex(({ name }) => name === "ap");
  const students = rows.flatMap((row) => {
    const over = overOf(row, rows);
    if (over === null) return [];
    const at = rows.findIndex(({ id }) => id === over);
    const aps = result.rows[at].runs.map(({ metrics }) => metrics?.ap ?? NaN);
    const { mean: gain, halfWidth } = table.gain(row.id, over, "ap");
    const ap = rows[at].paper?.[column] ?? null;
    const published = table.paperGain(row.id, over, "ap");
    return [{
      name: rows[at].label,
      here: Number.isNaN(gain) ? null : {
        ap: 100 * aps.reduce((sum, each) => sum + each, 0) / aps.length,
        gain,
        halfWidth,
      },
      paper: ap === null || published === null ? null : { ap, gain: published },
    }];
  });
  return gainOverAp(students, {
    over: experiment.gainOver,
    tested: setting.tested,
  });
}
