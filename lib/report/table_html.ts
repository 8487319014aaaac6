import { columnGroups, formatCell, type Table } from "./table.ts";

/**
 * A table as HTML.
 *
 * Use it for a notebook or a page. Colours and lines are left to the page, so
 * that the table follows JupyterLab's light and dark themes.
 *
 * @param table any table
 * @returns `<table>` with a caption, then a paragraph per note;
 * all text is escaped
 *
 * @example
 * ```ts
 * import { makeTable } from "ldlab/report/table.ts";
 * import { tableToHtml } from "ldlab/report/table_html.ts";
 * import assert from "node:assert/strict";
 *
 * const html = tableToHtml(makeTable({
 *   title: "AP < 50",
 *   columns: [{ heading: "AP", kind: "number" }],
 *   rows: [[40.94]],
 * }));
 * assert.match(html, /AP &lt; 50/);
 * assert.match(html, /<td [^>]*>40\.9<\/td>/);
 * ```
 */
export function tableToHtml(table: Table): string {
  const { columns } = table;
  const groupsOf = columnGroups(columns);
  // Room before a group, so that ours and the paper's columns read apart.
  const firsts = new Set(groupsOf.slice(1).map(({ start }) => start));
  const align = (at: number) =>
    `style="text-align:${
      columns[at].kind === "text" ? "left" : "right"
    };white-space:nowrap${firsts.has(at) ? ";padding-left:2em" : ""}"`;
  const groups = groupsOf.map(({ heading, count }) =>
    `<th scope="colgroup" colspan="${count}" style="text-align:center">` +
    `${escapeHtml(heading)}</th>`
  );
  const headings = columns.map(({ heading }, at) =>
    `<th scope="col" ${align(at)}>${escapeHtml(heading)}</th>`
  );
  const rows = table.rows.map((row) =>
    row.map((cell, at) =>
      `<td ${align(at)}>${escapeHtml(formatCell(cell, columns[at]))}</td>`
    )
  );
  const line = (cells: readonly string[]) => `<tr>${cells.join("")}</tr>`;
  return [
    `<table style="font-variant-numeric:tabular-nums">`,
    `<caption style="caption-side:top;text-align:left;font-weight:bold;white-space:nowrap;padding-bottom:4px">` +
    `${escapeHtml(table.title)}</caption>`,
    "<thead>",
    ...(groups.length > 0 ? [line(groups)] : []),
    line(headings),
    "</thead>",
    "<tbody>",
    ...rows.map(line),
    "</tbody>",
    "</table>",
    ...table.notes.map((note) => `<p>${escapeHtml(note)}</p>`),
  ].join("\n");
}

/**
 * Text with the five signs that HTML reserves written as entities.
 *
 * Use it for any text that goes into HTML, in an element or in a quoted
 * attribute.
 *
 * @param text any text
 * @returns text that HTML shows as it was
 *
 * @example
 * ```ts
 * import { escapeHtml } from "ldlab/report/table_html.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(escapeHtml(`a < "b"`), "a &lt; &quot;b&quot;");
 * ```
 */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replaceAll(/[&<>"']/g, (sign) => entities[sign]);
}
