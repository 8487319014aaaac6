/** Tables 1a, 1b and 1c with values of one's own. */
import assert from "node:assert/strict";
import type { Outcome } from "../../../experiments/tables/outcome.ts";
import { planTable } from "../../../experiments/tables/plan_table.ts";
import { table1a } from "../../../experiments/tables/table_1a.ts";
import { table1b } from "../../../experiments/tables/table_1b.ts";
import { table1c } from "../../../experiments/tables/table_1c.ts";
import type { TableExperiment } from "../../../experiments/tables/table_experiment.ts";

const rowsOf = (table: TableExperiment) => planTable(table, {}).plan.rows;

/** Each row gains a point over the row before. */
const rising = (table: TableExperiment): Outcome => {
  const rows = rowsOf(table);
  const at = (id: string) => rows.findIndex((row) => row.id === id);
  return {
    scale: "small",
    seeds: 3,
    rows,
    gain: (of, over) => ({ mean: at(of) - at(over), halfWidth: 0.1 }),
    paperGain: () => null,
  };
};

Deno.test("tables with values of one's own have the paper's number where it is the paper's value", () => {
  const papers = (table: TableExperiment) =>
    rowsOf(table).map(({ id, paper }) => [id, paper?.[0]]);
  assert.deepEqual(papers(table1a({ temperatures: [3, 5] })), [
    ["baseline", 40.1],
    ["tau_3", undefined],
    ["tau_5", 40.9],
  ]);
  assert.deepEqual(papers(table1b({ epsilons: [0, 0.2] })), [
    ["baseline", 40.1],
    ["tbr_0", undefined],
    ["tbr_0.2", 40.2],
    ["ld", 41.1],
  ]);
  assert.deepEqual(papers(table1c({ gammas: [0.5, 0.1] })), [
    ["baseline", 40.1],
    ["gamma_0.5", 41.7],
    ["gamma_0.1", undefined],
  ]);
});

Deno.test("tables with values of one's own set what they name, and nothing else", () => {
  const [, tau] = rowsOf(table1a({ temperatures: [3] }));
  assert.equal(
    (tau.change.terms!.ld as { temperature: number }).temperature,
    3,
  );
  const [, tbr] = rowsOf(table1b({ epsilons: [0.7] }));
  assert.deepEqual(Object.keys(tbr.change.terms!), ["tbr"]);
  assert.equal((tbr.change.terms!.tbr as { epsilon: number }).epsilon, 0.7);
  const [, gamma] = rowsOf(table1c({ gammas: [0.1] }));
  assert.deepEqual(Object.keys(gamma.change.terms!), ["ld", "vlrLd"]);
  assert.deepEqual(gamma.change.terms!.vlrLd.region, {
    kind: "vlr",
    gamma: 0.1,
  });
});

Deno.test("tables with values of one's own conclude over the rows that there are", () => {
  const tbr = table1b({ epsilons: [0.1, 0.5] });
  assert.match(tbr.conclude(rising(tbr)), /over "TBR, ε = 0\.5"/);
  const vlr = table1c({ gammas: [0.25, 0.1] });
  const text = vlr.conclude(rising(vlr));
  assert.match(text, /not the best here: −1\.0 ± 0\.1 AP over .*γ = 0\.1"/);
  assert.doesNotMatch(text, /where the VLR is empty/);
});

Deno.test("tables refuse values that cannot be run", () => {
  const cases: [() => TableExperiment, RegExp][] = [
    [() => table1a({ temperatures: [] }), /temperatures must be at least one/],
    [() => table1a({ temperatures: [10, 0] }), /above 0: current .* \[10,0\]/],
    [() => table1a({ temperatures: [5, 5] }), /different/],
    [() => table1a({ temperatures: [Infinity] }), /above 0: .* \[Infinity\]/],
    [() => table1b({ epsilons: [-0.1] }), /Table 1b: epsilons .* at least 0/],
    [
      () => table1b({ epsilons: [NaN] }),
      /at least 0: current value is \[NaN\]/,
    ],
    [() => table1c({ gammas: [0.5, 1.1] }), /Table 1c: gammas .* from 0 to 1/],
    [
      () => table1c({ gammas: [-0.1] }),
      /from 0 to 1: current value is \[-0\.1/,
    ],
    [() => table1c({ gammas: [] }), /at least one/],
  ];
  for (const [make, message] of cases) {
    assert.throws(make, { name: "RangeError", message });
  }
});
