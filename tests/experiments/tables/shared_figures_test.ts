import assert from "node:assert/strict";
import type { RunRecord } from "../../../experiments/run_record.ts";
import { SCALES } from "../../../experiments/scales.ts";
import { sharedFigures } from "../../../experiments/tables/shared_figures.ts";
import { planTable } from "../../../experiments/tables/plan_table.ts";
import { TableResult } from "../../../experiments/tables/table_result.ts";
import {
  FIGURES,
  findTable,
  TABLES,
} from "../../../experiments/tables/tables.ts";
import type { RunStore } from "../../../experiments/store.ts";

/** A made-up run: AP in percent after epochs 6, …, the last is the end's. */
function record(seed: number, ...ap: number[]): RunRecord {
  const metricsOf = (ap: number) => ({ ap: ap / 100, ap75: ap / 50 });
  return {
    status: "finished",
    seed,
    metrics: metricsOf(ap.at(-1)!),
    evaluations: ap.slice(0, -1)
      .map((ap, at) => ({ epoch: 6 * (at + 1), metrics: metricsOf(ap) })),
  } as unknown as RunRecord;
}

const diverged = { ...record(1, 0), status: "diverged", metrics: null };

/** A table of these rows and runs. */
function tableOf(id: string, runs: Record<string, readonly unknown[]>) {
  const experiment = findTable(id);
  const rows = Object.keys(runs);
  const { setting, plan } = planTable(experiment, { scale: "small", rows });
  return new TableResult({
    experiment,
    setting,
    plan,
    result: {
      teachers: [],
      rows: plan.rows.map((row) => ({
        row,
        config: SCALES.small.student, // of 24 epochs
        runs: runs[row.id] as RunRecord[],
      })),
    },
    notices: [],
    folder: "nowhere",
  });
}

/** Draws without a store: these figures are of records alone. */
async function draw(table: TableResult, name: string) {
  const figure = await sharedFigures(table)[name](
    table,
    null as never as RunStore,
  );
  // deno-lint-ignore no-explicit-any
  const trace = (name: string): any =>
    figure.data.find((trace) => trace.name === name);
  return { ...figure, trace };
}

Deno.test("sharedFigures() gives gains and AP over epochs where they make sense", () => {
  const names = [...TABLES, ...FIGURES].map((experiment) => {
    const { plan } = planTable(experiment, { scale: "small" });
    return [experiment.id, ...Object.keys(sharedFigures(plan))].join(" ");
  });
  const both = ["gains", "ap_over_epochs"];
  assert.deepEqual(
    names,
    [
      ...["1a", "1b", "1c", "2", "3", "4", "5", "paper_against_code"],
      ...["self_distillation", "teacher_assistant"],
    ].map((id) => [id, ...both].join(" ")).concat([
      // Measured again, in other ways than on the way.
      "score_voting gains",
      "voc gains",
      "figure_4",
      "figure_5",
    ]),
  );
  const { plan } = planTable(findTable("voc"), { scale: "paper" });
  assert.deepEqual(Object.keys(sharedFigures(plan)), both);
  const one = planTable(findTable("2"), { rows: ["baseline"] }).plan;
  assert.deepEqual(Object.keys(sharedFigures(one)), ["ap_over_epochs"]);
});

Deno.test("sharedFigures() draws paired gains beside the paper's", async () => {
  const table = tableOf("1a", {
    baseline: [record(0, 39), record(1, 38)],
    tau_10: [record(0, 41), record(1, 41)],
  });
  const { trace, layout } = await draw(table, "gains");
  assert.equal(layout.title.text, "Gain in AP over no LD");
  assert.match(layout.title.subtitle.text, /BCCD test/);
  assert.deepEqual(layout.yaxis.ticktext, ["LD, τ = 10"]);
  // By hand: differences 2 and 3, mean 2.5; √.5 over √2, times t(1) = 12.706.
  assert.deepEqual(layout.yaxis2.ticktext, ["+2.5 ± 6.4"]);
  assert.deepEqual(trace("here, 0 in the interval").x, [2.5]);
  const close = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-9);
  close(trace("one seed").x[0], 2);
  close(trace("one seed").x[1], 3);
  close(trace("paper").x[0], 1); // 41.1 and 40.1
  // Of the six metrics these runs have two.
  assert.deepEqual(
    layout.sliders[0].steps.map(({ label }: { label: string }) => label),
    ["AP", "AP75"],
  );
});

Deno.test("sharedFigures() draws the seeds that a diverged run left, and tables without a result", async () => {
  const baseline = [record(0, 39), record(1, 38)];
  const half = await draw(
    tableOf("1a", { baseline, tau_10: [record(0, 41), diverged] }),
    "gains",
  );
  assert.deepEqual(half.layout.yaxis2.ticktext, ["no result"]);
  assert.equal(half.trace("one seed").x.length, 1);
  const lost = tableOf("1a", { baseline: [diverged], tau_10: [diverged] });
  const none = await draw(lost, "gains");
  assert.deepEqual(none.layout.yaxis2.ticktext, ["no result"]);
  const way = await draw(lost, "ap_over_epochs");
  assert.ok(way.trace("without LD: no result"));
});

Deno.test("sharedFigures() says what a gain is over where others' are over another row", async () => {
  const runs = [record(0, 39)];
  const rows = ["baseline", "released", "vlr_diou", "vlr_mask"];
  const table = tableOf(
    "paper_against_code",
    Object.fromEntries(rows.map((id) => [id, runs])),
  );
  const { layout } = await draw(table, "gains");
  assert.deepEqual(layout.yaxis.ticktext, [
    "as released (over no distillation)",
    "VLR by DIoU, not DIoF",
    "VLR as a mask, not IoU weights",
  ]);
});

Deno.test("sharedFigures() draws AP on the way, and the end of runs without a record of it", async () => {
  const table = tableOf("1a", {
    baseline: [record(0, 20, 39), record(1, 24, 37)],
    tau_10: [record(0, 26, 41), diverged],
  });
  const { trace } = await draw(table, "ap_over_epochs");
  assert.deepEqual(trace("without LD").x, [6, 24]);
  assert.deepEqual(trace("without LD").y, [22, 38]);
  assert.deepEqual(trace("LD, τ = 10 (1 of 2 seeds)").y, [26, 41]);
});
