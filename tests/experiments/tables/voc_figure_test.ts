import assert from "node:assert/strict";
import type { RunRecord } from "../../../experiments/run_record.ts";
import { SCALES } from "../../../experiments/scales.ts";
import type { RunStore } from "../../../experiments/store.ts";
import { planTable } from "../../../experiments/tables/plan_table.ts";
import { TableResult } from "../../../experiments/tables/table_result.ts";
import { VOC } from "../../../experiments/tables/voc.ts";

/** A made-up run whose AP falls with the threshold, by 1 for RBC. */
function record(seed: number, ap50: number): RunRecord {
  const metrics: Record<string, number> = { ap: ap50 / 100 };
  for (let at = 0; at < 10; at++) {
    metrics[`ap${50 + 5 * at}`] = (ap50 - at) / 100;
    metrics[`ap${50 + 5 * at} RBC`] = (ap50 - at - 1) / 100;
  }
  return { status: "finished", seed, metrics } as unknown as RunRecord;
}

async function draw(runs: readonly (readonly unknown[])[]) {
  const { setting, plan } = planTable(VOC, { rows: ["main_ld"] });
  const table = new TableResult({
    experiment: VOC,
    setting,
    plan,
    result: {
      teachers: [],
      rows: plan.rows.map((row, at) => ({
        row,
        config: SCALES.small.student,
        runs: runs[at] as RunRecord[],
      })),
    },
    notices: [],
    folder: "nowhere",
  });
  const { ap_over_iou } = VOC.figures!(table);
  const figure = await ap_over_iou(table, null as never as RunStore);
  const lines = figure.data.filter(({ mode }) => mode === "lines+markers");
  return { ...figure, lines };
}

Deno.test("VOC draws AP and gains by threshold and class, beside the paper's gains", async () => {
  const { data, layout, lines } = await draw([
    [record(0, 60), record(1, 62)],
    [record(0, 63), record(1, 65)],
  ]);
  const near = (values: unknown, first: number, last: number) => {
    const list = values as number[];
    assert.equal(list.length, 10);
    assert.ok(Math.abs(list[0] - first) < 1e-9, `${list}`);
    assert.ok(Math.abs(list[9] - last) < 1e-9, `${list}`);
  };
  near(lines[0].x, 0.5, 0.95);
  near(lines[0].y, 61, 52); // 60 and 62, less by 9 at 0.95
  near(lines[1].y, 64, 55);
  near(lines[2].y, 3, 3);
  // The README's: 75.9393 − 75.8 at 0.5, 57.6284 − 56.3 at 0.75.
  const { x, y } = data.at(-1) as { x: number[]; y: number[] };
  assert.deepEqual(x, [0.5, 0.75]);
  assert.ok(Math.abs(y[0] - 0.1393) < 1e-9 && Math.abs(y[1] - 1.3284) < 1e-9);
  const [{ steps }] = layout.sliders;
  assert.deepEqual(
    steps.map(({ label }: { label: string }) => label),
    ["all classes", "RBC"],
  );
  near(steps[1].args[0].y[3], 60, 51);
});

Deno.test("VOC draws no line of a row that diverged", async () => {
  const lost = { ...record(1, 0), status: "diverged", metrics: null };
  const { lines } = await draw([[record(0, 60), record(1, 62)], [
    record(0, 63),
    lost,
  ]]);
  assert.deepEqual(lines.map(({ name }) => name), [
    "without LD",
    "Main LD: no result",
    "Main LD: no result",
  ]);
});
