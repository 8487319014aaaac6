import type { Spread } from "./spread.ts";

/**
 * What stands in one place of a table; `null` and NaN are values that are not
 * there, a deviation as well (of one seed only).
 */
export type Cell = string | number | null | Pick<Spread, "mean" | "deviation">;

/** How a column is headed and how its cells are written. */
export interface Column {
  /** What the column holds, e.g. `AP75`. */
  readonly heading: string;
  /** A heading above this one and its neighbours of the same group, e.g. `paper (COCO)`. */
  readonly group?: string;
  /**
   * - `number` (also for text in between): right aligned, with `digits`
   * - `duration`: seconds, written as `4 min 03 s`
   * - `text`: left aligned
   */
  readonly kind: "text" | "number" | "duration";
  /** Digits after the point of a number, 1 by default. */
  readonly digits?: number;
}

/** A result as rows and columns, before it is text, HTML, CSV or LaTeX. */
export interface Table {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** Sentences under the table: data, seeds, what differs from the paper. */
  readonly notes: readonly string[];
}

/**
 * A table, checked: each row has one cell per column, of the column's kind.
 *
 * Use it to hold a result once and print it anywhere: {@link tableToText},
 * {@link tableToMarkdown}, {@link tableToHtml}, {@link tableToCsv},
 * {@link tableToLatex}, or `show` in a notebook. The paper's numbers stand in
 * columns of their own beside ours, under a `group`.
 *
 * @param table title, columns, rows and notes (none by default)
 * @returns the same table
 * @throws {TypeError} when a row has another number of cells than there are
 * columns, or a cell of a `text` column is no text
 *
 * @example
 * ```ts
 * import { makeTable } from "ldlab/report/table.ts";
 * import { spread } from "ldlab/report/spread.ts";
 * import { tableToText } from "ldlab/report/table_text.ts";
 * import assert from "node:assert/strict";
 *
 * const table = makeTable({
 *   title: "AP over τ",
 *   columns: [
 *     { heading: "τ", kind: "text" },
 *     { heading: "AP", kind: "number", group: "here" },
 *     { heading: "AP", kind: "number", group: "paper" },
 *     { heading: "time", kind: "duration" },
 *   ],
 *   rows: [["–", spread([38.5, 39.1]), 40.1, 64], ["10", 40.9, 41.1, 71]],
 *   notes: ["2 seeds"],
 * });
 * assert.match(tableToText(table), /–   38\.8 ± 0\.4   40\.1  1 min 04 s/);
 * ```
 */
export function makeTable(
  table: Omit<Table, "notes"> & { notes?: readonly string[] },
): Table {
  const { title, columns, rows, notes = [] } = table;
  rows.forEach((row, index) => {
    if (row.length !== columns.length) {
      throw new TypeError(
        `Cannot make table "${title}": row ${index} must have ${columns.length} cells, one per column: ` +
          `current number is ${row.length}`,
      );
    }
    row.forEach((cell, at) => {
      const { kind, heading } = columns[at];
      if (kind === "text" && typeof cell !== "string" && cell !== null) {
        throw new TypeError(
          `Cannot make table "${title}": row ${index}, column "${heading}" must be text: ` +
            `current value is ${JSON.stringify(cell)}`,
        );
      }
    });
  });
  return { title, columns, rows, notes };
}

/**
 * The text of one cell: `40.9 ± 0.6`, `4 min 03 s`, `–` for a missing value.
 *
 * Use it where a value of a table is quoted in a sentence, so that both read
 * alike.
 *
 * @param cell the value; NaN is a missing one
 * @param column how to write it
 * @returns the text, with a true minus sign
 *
 * @example
 * ```ts
 * import { formatCell } from "ldlab/report/table.ts";
 * import assert from "node:assert/strict";
 *
 * const ap = { heading: "AP", kind: "number" } as const;
 * assert.equal(formatCell({ mean: 40.91, deviation: 0.58 }, ap), "40.9 ± 0.6");
 * assert.equal(formatCell(-0.3, ap), "−0.3");
 * assert.equal(formatCell(null, ap), "–");
 * ```
 */
export function formatCell(cell: Cell, column: Column): string {
  if (cell === null) return "–";
  if (typeof cell === "string") return cell;
  const { mean, deviation } = typeof cell === "number"
    ? { mean: cell, deviation: null }
    : cell;
  if (Number.isNaN(mean)) return "–";
  const write = column.kind === "duration"
    ? formatDuration
    : (value: number) => formatNumber(value, column.digits ?? 1);
  return deviation === null || Number.isNaN(deviation)
    ? write(mean)
    : `${write(mean)} ± ${write(deviation)}`;
}

function formatNumber(value: number, digits: number): string {
  const text = value.toFixed(digits);
  // No minus before a zero that rounding made.
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

/**
 * Seconds as people say them.
 *
 * Use it for wall times and for the time that is left.
 *
 * @param seconds at least 0
 * @returns `0.4 s`, `34 s`, `4 min 03 s` or `2 h 05 min`
 *
 * @example
 * ```ts
 * import { formatDuration } from "ldlab/report/table.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(formatDuration(0.42), "0.4 s");
 * assert.equal(formatDuration(243), "4 min 03 s");
 * assert.equal(formatDuration(7500), "2 h 05 min");
 * ```
 */
export function formatDuration(seconds: number): string {
  const pad = (value: number) => String(value).padStart(2, "0");
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** Neighbouring columns under one group heading; `heading` is "" without one. */
export interface ColumnGroup {
  readonly heading: string;
  readonly start: number;
  readonly count: number;
}

/**
 * The runs of neighbouring columns with the same `group`, left to right.
 *
 * Use it to write a second line of headings; the table writers here do.
 *
 * @param columns the columns of a table
 * @returns the runs, or none when no column has a group
 *
 * @example
 * ```ts
 * import { columnGroups } from "ldlab/report/table.ts";
 * import assert from "node:assert/strict";
 *
 * const groups = columnGroups([
 *   { heading: "τ", kind: "text" },
 *   { heading: "AP", kind: "number", group: "paper" },
 *   { heading: "AP75", kind: "number", group: "paper" },
 * ]);
 * assert.deepEqual(groups.map((group) => group.count), [1, 2]);
 * ```
 */
export function columnGroups(columns: readonly Column[]): ColumnGroup[] {
  if (columns.every((column) => column.group === undefined)) return [];
  const groups: { heading: string; start: number; count: number }[] = [];
  columns.forEach(({ group = "" }, start) => {
    const last = groups.at(-1);
    if (last?.heading === group) last.count++;
    else groups.push({ heading: group, start, count: 1 });
  });
  return groups;
}
