import { columnGroups, formatCell, type Table } from "./table.ts";

/** What LaTeX reserves, and signs that pdfLaTeX does not know as they are. */
const commands: Record<string, string> = {
  "\\": "\\textbackslash{}",
  "{": "\\{",
  "}": "\\}",
  "$": "\\$",
  "&": "\\&",
  "#": "\\#",
  "%": "\\%",
  "_": "\\_",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "<": "$<$",
  ">": "$>$",
  "±": "$\\pm$",
  "−": "$-$",
  "–": "--",
  "×": "$\\times$",
  "÷": "$\\div$",
  "²": "$^2$",
  "·": "$\\cdot$",
  "→": "$\\to$",
  "≤": "$\\le$",
  "≥": "$\\ge$",
  "∞": "$\\infty$",
  "Δ": "$\\Delta$",
  "α": "$\\alpha$",
  "β": "$\\beta$",
  "γ": "$\\gamma$",
  "ε": "$\\varepsilon$",
  "λ": "$\\lambda$",
  "σ": "$\\sigma$",
  "τ": "$\\tau$",
};

/**
 * A table as LaTeX: a `table` with a caption, ruled by the booktabs package.
 *
 * Use it in a paper: `\usepackage{booktabs}` and `\input` the file. Notes go
 * into the caption.
 *
 * @param table any table
 * @returns LaTeX with reserved signs escaped and a final line feed
 *
 * @example
 * ```ts
 * import { makeTable } from "ldlab/report/table.ts";
 * import { tableToLatex } from "ldlab/report/table_latex.ts";
 * import assert from "node:assert/strict";
 *
 * const latex = tableToLatex(makeTable({
 *   title: "AP over τ, 50 % of the images",
 *   columns: [{ heading: "AP", kind: "number" }],
 *   rows: [[{ mean: 40.9, deviation: 0.6 }]],
 * }));
 * assert.match(latex, /\\caption\{AP over \$\\tau\$, 50 \\% of the images\.\}/);
 * assert.match(latex, /40\.9 \$\\pm\$ 0\.6 \\\\/);
 * ```
 */
export function tableToLatex(table: Table): string {
  const { columns } = table;
  const groups = columnGroups(columns);
  const line = (texts: readonly string[]) => `${texts.join(" & ")} \\\\`;
  const groupRules = groups.filter(({ heading }) => heading !== "").map((
    { start, count },
  ) => `\\cmidrule(lr){${start + 1}-${start + count}}`);
  const groupLines = groups.length === 0 ? [] : [
    line(
      groups.map(({ heading, count }) =>
        heading === "" && count === 1
          ? ""
          : `\\multicolumn{${count}}{c}{${escape(heading)}}`
      ),
    ),
    groupRules.join(" "),
  ];
  const sentences = [table.title, ...table.notes].map((text) =>
    escape(text.replace(/\.?\s*$/, "."))
  );
  return [
    "\\begin{table}",
    "\\centering",
    `\\caption{${sentences.join(" ")}}`,
    `\\begin{tabular}{${
      columns.map(({ kind }) => kind === "text" ? "l" : "r").join("")
    }}`,
    "\\toprule",
    ...groupLines,
    line(columns.map(({ heading }) => escape(heading))),
    "\\midrule",
    ...table.rows.map((row) =>
      line(row.map((cell, at) => escape(formatCell(cell, columns[at]))))
    ),
    "\\bottomrule",
    "\\end{tabular}",
    "\\end{table}",
    "",
  ].join("\n");
}

function escape(text: string): string {
  return Array.from(text, (sign) => commands[sign] ?? sign).join("");
}
