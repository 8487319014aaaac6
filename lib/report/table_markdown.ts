import { columnGroups, formatCell, type Table } from "./table.ts";

/**
 * A table as Markdown (GitHub's tables).
 *
 * Use it for a README, an issue or a notebook's Markdown. Markdown has one
 * line of headings, so a group's heading stands before each of its columns'.
 *
 * @param table any table
 * @returns Markdown without a final line feed; pipes in cells are escaped
 *
 * @example
 * ```ts
 * import { makeTable } from "ldlab/report/table.ts";
 * import { tableToMarkdown } from "ldlab/report/table_markdown.ts";
 * import assert from "node:assert/strict";
 *
 * const table = makeTable({
 *   title: "Students",
 *   columns: [
 *     { heading: "row", kind: "text" },
 *     { heading: "AP", kind: "number", group: "paper" },
 *   ],
 *   rows: [["LD", 41.1]],
 * });
 * assert.equal(
 *   tableToMarkdown(table),
 *   "**Students**\n\n| row | paper: AP |\n| :-- | --: |\n| LD | 41.1 |",
 * );
 * ```
 */
export function tableToMarkdown(table: Table): string {
  const { columns } = table;
  const grouped = columnGroups(columns).length > 0;
  const line = (texts: readonly string[]) => `| ${texts.join(" | ")} |`;
  const blocks = [
    `**${escape(table.title)}**`,
    [
      line(
        columns.map(({ heading, group }) =>
          escape(grouped && group ? `${group}: ${heading}` : heading)
        ),
      ),
      line(columns.map(({ kind }) => kind === "text" ? ":--" : "--:")),
      ...table.rows.map((row) =>
        line(row.map((cell, at) => escape(formatCell(cell, columns[at]))))
      ),
    ].join("\n"),
    ...table.notes.map(escape),
  ];
  return blocks.join("\n\n");
}

function escape(text: string): string {
  return text.replaceAll(/[\\|*_`<>[\]]/g, "\\$&").replaceAll(/\s*\n\s*/g, " ");
}
