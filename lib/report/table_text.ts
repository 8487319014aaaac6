import { type Column, columnGroups, formatCell, type Table } from "./table.ts";
import { textWidth } from "./text_width.ts";
import { wrapText } from "./wrap_text.ts";

/**
 * A table as aligned text for a terminal.
 *
 * Use it for the console and as the `text/plain` of a notebook. Numbers with a
 * deviation line up at the `±`. Columns for which a terminal has no room stand
 * below the others, each time beside the first one.
 *
 * @param table any table
 * @param width cells of a line, as many as it takes by default
 * @returns lines without a final line feed
 *
 * @example
 * ```ts
 * import { makeTable } from "ldlab/report/table.ts";
 * import { tableToText } from "ldlab/report/table_text.ts";
 * import assert from "node:assert/strict";
 *
 * const table = makeTable({
 *   title: "Students",
 *   columns: [
 *     { heading: "row", kind: "text" },
 *     { heading: "AP", kind: "number" },
 *   ],
 *   rows: [["baseline", 38.8], ["LD", 40.9]],
 * });
 * assert.equal(
 *   tableToText(table),
 *   ["Students", "row         AP", "────────  ────", "baseline  38.8", "LD        40.9"]
 *     .join("\n"),
 * );
 * ```
 */
export function tableToText(table: Table, width = Infinity): string {
  const cells = alignedCells(table);
  const { columns } = table;
  const widths = columns.map(({ heading }, at) =>
    Math.max(textWidth(heading), ...cells.map((row) => textWidth(row[at])))
  );
  const blocks = fittingColumns(columns, widths, width).map((chosen) => {
    const take = <T>(all: readonly T[]) => chosen.map((at) => all[at]);
    return blockLines(take(columns), take(widths), cells.map(take)).join("\n");
  });
  return [
    wrapText(table.title, width),
    blocks.join("\n\n"),
    ...table.notes.map((note) => wrapText(note, width)),
  ].join("\n");
}

/** The cells' texts; one without deviation keeps the place of those above it. */
function alignedCells({ columns, rows }: Table): string[][] {
  const cells = rows.map((row) =>
    row.map((cell, at) => formatCell(cell, columns[at]))
  );
  columns.forEach((_column, at) => {
    const tails = cells.map((row) => row[at].match(/ ± .*$/)?.[0] ?? "");
    const longest = Math.max(0, ...tails.map(textWidth));
    if (longest === 0) return;
    cells.forEach((row, index) => {
      const head = row[at].slice(0, row[at].length - tails[index].length);
      row[at] = head + padLeft(tails[index], longest, tails[index] === "");
    });
  });
  return cells;
}

/** The columns of each block: of a group all, where that is possible. */
function fittingColumns(
  columns: readonly Column[],
  widths: readonly number[],
  width: number,
): number[][] {
  const groups = columnGroups(columns);
  const fits = (...chosen: number[]) =>
    spanWidth(chosen.map((at) => widths[at]), 0, chosen.length) <= width;
  const blocks: number[][] = [[0]];
  for (let at = 1; at < columns.length; at++) {
    const begun = groups.find(({ heading, start }) => heading && start === at);
    const whole = Array.from(
      { length: begun?.count ?? 1 },
      (_, more) => at + more,
    );
    const last = blocks.at(-1)!;
    const hasRoom = fits(...last, ...whole) ||
      !fits(0, ...whole) && fits(...last, at);
    if (hasRoom || last.length === 1) last.push(at);
    else blocks.push([0, at]);
  }
  return blocks;
}

/** Headings, a line and rows. */
function blockLines(
  columns: readonly Column[],
  cellWidths: readonly number[],
  cells: readonly (readonly string[])[],
): string[] {
  const widths = [...cellWidths];
  const groups = columnGroups(columns);
  // A group heading wider than its columns widens the last of them.
  for (const { heading, start, count } of groups) {
    const missing = textWidth(heading) - spanWidth(widths, start, count);
    if (missing > 0) widths[start + count - 1] += missing;
  }
  const line = (texts: readonly string[]) =>
    texts.map((text, at) =>
      columns[at].kind === "text"
        ? text + " ".repeat(widths[at] - textWidth(text))
        : padLeft(text, widths[at])
    ).join("  ").trimEnd();
  const groupLine = groups.map(({ heading, start, count }) => {
    const width = spanWidth(widths, start, count);
    if (heading === "") return " ".repeat(width);
    const free = width - textWidth(heading) - 2;
    if (free < 2) return padLeft(heading, width);
    const left = Math.floor(free / 2);
    return `${"╌".repeat(left)} ${heading} ${"╌".repeat(free - left)}`;
  }).join("  ").trimEnd();
  return [
    ...(groups.length > 0 ? [groupLine] : []),
    line(columns.map((column) => column.heading)),
    widths.map((width) => "─".repeat(width)).join("  "),
    ...cells.map(line),
  ];
}

function spanWidth(
  widths: readonly number[],
  start: number,
  count: number,
): number {
  const columns = widths.slice(start, start + count);
  return columns.reduce((sum, width) => sum + width, 2 * (count - 1));
}

function padLeft(text: string, width: number, after = false): string {
  const space = " ".repeat(Math.max(0, width - textWidth(text)));
  return after ? text + space : space + text;
}
