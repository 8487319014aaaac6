import { nearestName } from "../../lib/data/nearest_name.ts";
import type {
  TableExperiment,
  TablePlan,
  TableRow,
} from "./table_experiment.ts";

/** The row that a row's gain is over, or null for a baseline. */
export function overOf(
  row: TableRow,
  rows: readonly TableRow[],
): string | null {
  return row.over === undefined
    ? (row === rows[0] ? null : rows[0].id)
    : row.over;
}

/**
 * Rows of a table by their ids, and those that their gains are over.
 *
 * @param ids Each a row; none for all.
 * @returns The rows in the table's order.
 * @throws {RangeError} If there is no such row, with the nearest id.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { chosenRows } from "./chosen_rows.ts";
 * const rows = ["baseline", "a", "b"].map((id) => ({ id, label: id, change: {} }));
 * const chosen = chosenRows("1a", rows, ["b"]);
 * assert.deepEqual(chosen.map(({ id }) => id), ["baseline", "b"]);
 * ```
 */
export function chosenRows(
  table: TableExperiment["id"],
  rows: TablePlan["rows"],
  ids: readonly string[],
): readonly TableRow[] {
  if (ids.length === 0) return rows;
  const chosen = new Set<string>();
  const choose = (id: string) => {
    if (chosen.has(id)) return;
    const row = rows.find((row) => row.id === id);
    if (row === undefined) throw unknownRow(table, rows, id);
    chosen.add(id);
    const over = overOf(row, rows);
    if (over !== null) choose(over);
  };
  for (const id of ids) choose(id);
  return rows.filter(({ id }) => chosen.has(id));
}

function unknownRow(
  table: string,
  rows: readonly TableRow[],
  id: string,
): RangeError {
  const known = rows.map(({ id }) => id);
  const near = nearestName(id, known);
  return new RangeError(
    `Cannot run table ${table}: it has no row '${id}': ` +
      (near === undefined
        ? `there are ${known.join(", ")}`
        : `did you mean '${near}'?`),
  );
}
