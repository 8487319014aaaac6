import assert from "node:assert/strict";
import type { RunRecord } from "../../../experiments/store.ts";
import { SCALES } from "../../../experiments/scales.ts";
import { planTable } from "../../../experiments/tables/plan_table.ts";
import { TABLE_1A } from "../../../experiments/tables/table_1a.ts";
import { TableResult } from "../../../experiments/tables/table_result.ts";
import { tableToText } from "ldlab/report/table_text.ts";

/** A made-up finished run with these AP, in points. */
function record(
  seed: number,
  points: Record<string, number>,
  seconds = 30,
): RunRecord {
  const metrics = Object.fromEntries(
    Object.entries(points).map(([name, value]) => [name, value / 100]),
  );
  return {
    id: `${seed}`,
    label: "",
    status: "finished",
    seed,
    config: {},
    teacher: null,
    weights: {},
    numerics: 1,
    commit: "",
    environment: "",
    started: "",
    seconds,
    waitShare: null,
    metrics,
    epochs: [],
    evaluations: [],
    divergence: null,
  };
}

const baseline = [
  { ap: 39, ap75: 46, "ap RBC": 49, "ap WBC": 65 },
  { ap: 38, ap75: 45, "ap RBC": 48, "ap WBC": 64 },
];
const distilled = [
  { ap: 41, ap75: 51, "ap RBC": 53, "ap WBC": 68 },
  { ap: 41, ap75: 49, "ap RBC": 52, "ap WBC": 69 },
];

/** The baseline and a row at τ = 10, with as many seeds as asked for. */
function result(seeds: number, scale: "small" | "smoke" = "small") {
  const records = (runs: Record<string, number>[], seconds: number) =>
    runs.slice(0, seeds).map((points, seed) => ({
      ...record(seed, points, seconds + seed),
      waitShare: 0.0041 + seed / 100,
    }));
  const { setting, plan } = planTable(TABLE_1A, { scale, rows: ["tau_10"] });
  const { student: config } = SCALES[scale];
  const runs = [records(baseline, 30), records(distilled, 40)];
  const teacher = {
    ap: 52,
    ap75: 60,
    apSmall: 20,
    "ap RBC": 57,
    "ap WBC": 75,
  };
  return new TableResult({
    experiment: TABLE_1A,
    setting,
    plan,
    result: {
      teachers: plan.teachers
        .map((row) => ({ ...row, run: record(0, teacher, 240) })),
      rows: plan.rows.map((row, at) => ({ row, config, runs: runs[at] })),
    },
    notices: [],
    folder: "nowhere",
  });
}

Deno.test("TableResult.table() puts here beside the paper, and – where there is nothing", () => {
  const { rows, notes } = result(2).table();
  const [teacher, without, ld] = rows;
  assert.deepEqual(teacher.slice(7), Array(6).fill(null));
  assert.deepEqual(without.slice(7), [40.1, 58.2, 43.1, 23.3, 44.4, 52.5]);
  assert.deepEqual(ld.slice(7), [41.1, 58.7, 44.9, 23.8, 44.9, 53.6]);
  assert.equal(ld[0], "LD, τ = 10");
  const { mean, deviation } = ld[3] as { mean: number; deviation: number };
  assert.ok(
    Math.abs(mean - 50) < 1e-9 && Math.abs(deviation - Math.SQRT2) < 1e-9,
  );
  assert.equal(ld[4], null, "no student has small boxes here");
  assert.match(notes[0], /BCCD.*test split; seeds 0 to 1\. Paper: COCO/);
});

Deno.test("TableResult.details() shows classes, paired gains with their interval, and time", () => {
  const details = result(2).details();
  const headings = details.columns.map(({ heading }) => heading);
  assert.deepEqual(headings, ["", "RBC", "WBC", "ΔAP", "ΔAP75", "time"]);
  const [teacher, without, ld] = details.rows;
  assert.deepEqual(teacher.slice(3), [null, null, 240]);
  assert.deepEqual(without.slice(3), [null, null, 30.5]);
  // By hand: differences 2 and 3, mean 2.5, deviation √.5, over √2 seeds .5,
  // times t(1) = 12.706; of AP75 5 and 4.
  assert.deepEqual(ld.slice(3), ["+2.5 ± 6.4", "+4.5 ± 6.4", 40.5]);
  assert.match(details.notes[0], /Student's t\), for each row by itself and/);
  assert.match(details.notes[1], /Time is a run's training and evaluation/);
  // Of the students; how long the teacher waited is not known.
  assert.match(details.notes[2], /waited .* 0\.4 to 1\.4 % of the training/);
  assert.match(tableToText(details), /WBC/);
});

Deno.test("TableResult.details() gives no interval for one seed", () => {
  const { rows, notes } = result(1).details();
  assert.deepEqual(rows[2].slice(3), ["+2.0", "+5.0", 40]);
  assert.match(notes[0], /one seed cannot say/);
});

Deno.test("TableResult.conclusion() concludes from its rows", () => {
  const one = result(1).conclusion();
  assert.match(one, /1 of 1 temperatures.*gain was \+2\.0 at τ = 10/);
  assert.match(one, /This is one seed/);
  const two = result(2).conclusion();
  assert.match(two, /gain was \+2\.5 ± 6\.4 at τ = 10/);
  assert.match(two, /With 2 seeds no change differs/);
  assert.match(result(1, "smoke").conclusion(), /say nothing about LD/);
});

Deno.test("TableResult.gain() is paired, and NaN where a seed lacks the metric", () => {
  const of = result(2);
  assert.equal(of.gain("tau_10", "baseline", "ap").mean, 2.5);
  assert.ok(Number.isNaN(of.gain("tau_10", "baseline", "apLarge").mean));
  // 41.1 and 40.1 in the paper; its tables have no AP90.
  const paper = of.paperGain("tau_10", "baseline", "ap")!;
  assert.ok(Math.abs(paper - 1) < 1e-9);
  assert.equal(of.paperGain("tau_10", "baseline", "ap90"), null);
});

Deno.test("TableResult.figure() knows its figures", async () => {
  const of = result(1);
  assert.deepEqual(of.figureNames, [
    "ap_over_temperature",
    "edge_distributions",
    "gains",
    "ap_over_epochs",
  ]);
  await assert.rejects(of.figure("ap"), {
    name: "RangeError",
    message: /Cannot draw 'ap': .* ap_over_temperature, edge_distributions/,
  });
});

Deno.test("TableResult says which run diverged, and leaves its row and gain open", () => {
  const whole = result(2);
  const [first, second] = whole.result.rows;
  const diverged: RunRecord = {
    ...second.runs[1],
    id: "d",
    label: "LD, τ = 10",
    status: "diverged",
    metrics: null,
    divergence: {
      run: "d",
      iteration: 7,
      term: "ld",
      value: "NaN",
      learningRate: 0.1,
      images: ["a"],
    },
  };
  const rows = [first, { ...second, runs: [second.runs[0], diverged] }];
  const table = new TableResult({
    experiment: whole.experiment,
    setting: whole.setting,
    plan: whole.plan,
    result: { ...whole.result, rows },
    notices: [],
    folder: "nowhere",
  });
  const text = tableToText(table.table());
  assert.match(text, /No result: LD, τ = 10, seed 1, diverged: 'ld' was NaN/);
  assert.equal(table.table().rows.at(-1)![1], null);
  assert.ok(Number.isNaN(table.gain("tau_10", "baseline", "ap").mean));
  assert.match(tableToText(table.details()), /LD, τ = 10 .* –/);
  assert.doesNotMatch(table.conclusion(), /NaN/);
  // No gain that is not known is counted as one that is none.
  assert.equal(table.conclusion(), "No row with LD has a result.");
  // A curve over τ needs a τ; gains and the way say what is missing.
  assert.deepEqual(table.finished().rows.map(({ id }) => id), ["baseline"]);
  assert.deepEqual(table.figureNames, ["gains", "ap_over_epochs"]);

  // The first run has no result, the others' classes stand.
  const lost = new TableResult({
    experiment: whole.experiment,
    setting: whole.setting,
    plan: whole.plan,
    result: {
      ...whole.result,
      rows: [{ ...first, runs: [diverged, first.runs[1]] }, second],
    },
    notices: [],
    folder: "nowhere",
  });
  const [, without, ld] = lost.details().rows;
  assert.deepEqual(without.slice(1, 3), [null, null]);
  assert.equal((ld[1] as { mean: number }).mean, 52.5);
});
