import assert from "node:assert/strict";
import type { RunRecord } from "../../../experiments/run_record.ts";
import { planTable } from "../../../experiments/tables/plan_table.ts";
import { SCALES } from "../../../experiments/scales.ts";
import { studentGains } from "../../../experiments/tables/student_gains.ts";
import type { RunStore } from "../../../experiments/store.ts";
import { TABLE_4 } from "../../../experiments/tables/table_4.ts";
import { TableResult } from "../../../experiments/tables/table_result.ts";

const record = (ap: number | null) =>
  ({
    status: ap === null ? "diverged" : "finished",
    metrics: ap === null ? null : { ap: ap / 100 },
  }) as unknown as RunRecord;

Deno.test("studentGains() draws each pair of Table 4 by the student's AP alone", async () => {
  const rows = ["r18_ours", "r50_ours"];
  const { setting, plan } = planTable(TABLE_4, { rows });
  const runs = [[30, 32], [33, 35], [38, 38], [39, null]];
  const table = new TableResult({
    experiment: TABLE_4,
    setting,
    plan,
    result: {
      teachers: [],
      rows: plan.rows.map((row, at) => ({
        row,
        config: SCALES.small.student,
        runs: runs[at].map(record),
      })),
    },
    notices: [],
    folder: "nowhere",
  });
  const { gain_over_ap } = studentGains(table);
  const figure = await gain_over_ap(table, null as never as RunStore);
  const signs = figure.data.filter(({ mode }) => mode === "markers");
  const [here, paper, lost] = signs as {
    name: string;
    x: number[];
    y: number[];
  }[];
  const near = (values: number[], wanted: number) =>
    assert.ok(Math.abs(values[0] - wanted) < 1e-9, `${values}`);
  assert.match(here.name, /^R18 \(/);
  near(here.x, 31); // of 30 and 32
  near(here.y, 3); // of 3 and 3
  near(paper.x, 35.8);
  near(paper.y, 1.7); // 37.5 − 35.8
  assert.match(lost.name, /^R50 .*no result$/);
});
