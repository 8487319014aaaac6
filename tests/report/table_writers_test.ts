import assert from "node:assert/strict";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { tableToCsv } from "ldlab/report/table_csv.ts";
import { tableToHtml } from "ldlab/report/table_html.ts";
import { tableToLatex } from "ldlab/report/table_latex.ts";
import { tableToMarkdown } from "ldlab/report/table_markdown.ts";
import { sampleTable } from "./sample_table.ts";

Deno.test("tableToHtml() is well formed and keeps every sign", () => {
  const html = `<div>${tableToHtml(sampleTable)}</div>`;
  assert.equal(XMLValidator.validate(html), true);
  const { div } = new XMLParser({ parseTagValue: false }).parse(html);
  assert.equal(div.table.caption, "AP over τ, 50 % of A & B");
  const [groups, headings] = div.table.thead.tr;
  assert.equal(groups.th.length, 4);
  assert.deepEqual(headings.th, ["row", "AP", "Δ", "AP", "time"]);
  const lines = div.table.tbody.tr.map(({ td }: { td: string[] }) => td);
  assert.deepEqual(lines[1], ["a|b <c>", "10.0", "−1.00", "–", "1 h 02 min"]);
  assert.equal(div.p, "Seeds: 1, 2_3.");
});

Deno.test("tableToMarkdown() escapes what Markdown would read", () => {
  assert.equal(
    tableToMarkdown(sampleTable),
    [
      "**AP over τ, 50 % of A & B**",
      "",
      "| row | here: AP | here: Δ | paper (COCO): AP | time |",
      "| :-- | --: | --: | --: | --: |",
      "| no LD | 38.8 ± 0.3 | – | 40.1 | 1 min 01 s |",
      "| a\\|b \\<c\\> | 10.0 | −1.00 | – | 1 h 02 min |",
      "",
      "Seeds: 1, 2\\_3.",
    ].join("\n"),
  );
});

Deno.test("tableToCsv() keeps full numbers and leaves gaps empty", () => {
  // By RFC 4180, 2.: CRLF after each record, quotes only where needed.
  assert.equal(
    tableToCsv(sampleTable),
    "row,here: AP,here: AP deviation,here: Δ,paper (COCO): AP,time\r\n" +
      "no LD,38.84,0.31,,40.1,61\r\n" +
      "a|b <c>,9.96,,-1.005,,3725\r\n",
  );
});

Deno.test("tableToLatex() escapes what LaTeX would read", () => {
  assert.equal(
    tableToLatex(sampleTable),
    [
      "\\begin{table}",
      "\\centering",
      "\\caption{AP over $\\tau$, 50 \\% of A \\& B. Seeds: 1, 2\\_3.}",
      "\\begin{tabular}{lrrrr}",
      "\\toprule",
      " & \\multicolumn{2}{c}{here} & \\multicolumn{1}{c}{paper (COCO)} &  \\\\",
      "\\cmidrule(lr){2-3} \\cmidrule(lr){4-4}",
      "row & AP & $\\Delta$ & AP & time \\\\",
      "\\midrule",
      "no LD & 38.8 $\\pm$ 0.3 & -- & 40.1 & 1 min 01 s \\\\",
      "a|b $<$c$>$ & 10.0 & $-$1.00 & -- & 1 h 02 min \\\\",
      "\\bottomrule",
      "\\end{tabular}",
      "\\end{table}",
      "",
    ].join("\n"),
  );
});
