import assert from "node:assert/strict";
import { makeTable } from "ldlab/report/table.ts";
import { tableToLatex } from "ldlab/report/table_latex.ts";
import { planTable } from "../../../experiments/tables/plan_table.ts";
import {
  FIGURES,
  findTable,
  folderOf,
  TABLES,
} from "../../../experiments/tables/tables.ts";

const all = [...TABLES, ...FIGURES];

Deno.test("every row's label has its signs in LaTeX", () => {
  for (const experiment of all) {
    const { rows } = planTable(experiment, { scale: "small" }).plan;
    const latex = tableToLatex(makeTable({
      title: experiment.title,
      columns: [{ heading: "row", kind: "text" }],
      rows: rows.map(({ label }) => [label]),
    }));
    assert.match(latex, /^[\x20-\x7e\n]*$/, experiment.id);
  }
});

Deno.test("findTable() knows every table by its id and by its notebook's name", () => {
  for (const experiment of all) {
    assert.equal(findTable(experiment.id), experiment);
    assert.equal(findTable(folderOf(experiment)), experiment);
  }
});
