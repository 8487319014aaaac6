import { type Cell, columnGroups, type Table } from "./table.ts";

/**
 * A table as CSV: every number in full, nothing rounded.
 *
 * Use it to go on computing elsewhere. Headings carry their group
 * (`paper: AP`); a column that holds deviations is followed by one named
 * `… deviation`; a missing value is empty. Title and notes are left out, for
 * CSV has no place for them.
 *
 * @param table any table
 * @returns lines as RFC 4180 wants them (CRLF, quotes where needed)
 *
 * @example
 * ```ts
 * import { makeTable } from "ldlab/report/table.ts";
 * import { tableToCsv } from "ldlab/report/table_csv.ts";
 * import assert from "node:assert/strict";
 *
 * const csv = tableToCsv(makeTable({
 *   title: "Students",
 *   columns: [
 *     { heading: "row", kind: "text" },
 *     { heading: "AP", kind: "number" },
 *   ],
 *   rows: [["LD, τ = 10", { mean: 40.91, deviation: 0.5 }], ["baseline", 38.8]],
 * }));
 * assert.equal(
 *   csv,
 *   'row,AP,AP deviation\r\n"LD, τ = 10",40.91,0.5\r\nbaseline,38.8,\r\n',
 * );
 * ```
 */
export function tableToCsv(table: Table): string {
  const { columns, rows } = table;
  const grouped = columnGroups(columns).length > 0;
  const spreads = columns.map((_column, at) =>
    rows.some((row) => deviationOf(row[at]) !== null)
  );
  const headings = columns.flatMap(({ heading, group }, at) => {
    const name = grouped && group ? `${group}: ${heading}` : heading;
    return spreads[at] ? [name, `${name} deviation`] : [name];
  });
  const lines = rows.map((row) =>
    row.flatMap((cell, at) =>
      spreads[at] ? [meanOf(cell), deviationOf(cell)] : [meanOf(cell)]
    )
  );
  return [headings, ...lines].map((line) => line.map(field).join(",") + "\r\n")
    .join("");
}

function meanOf(cell: Cell): string | number | null {
  return typeof cell === "object" && cell !== null ? cell.mean : cell;
}

function deviationOf(cell: Cell): number | null {
  if (typeof cell !== "object" || cell === null) return null;
  return Number.isNaN(cell.deviation) ? null : cell.deviation;
}

function field(value: string | number | null): string {
  if (value === null || Number.isNaN(value)) return "";
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
