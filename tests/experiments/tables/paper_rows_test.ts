/** Rows and numbers of the paper's tables, typed from the paper. */
import assert from "node:assert/strict";
import { FIGURES, TABLES } from "../../../experiments/tables/tables.ts";
import type { RunRecord } from "../../../experiments/store.ts";
import { TableResult } from "../../../experiments/tables/table_result.ts";
import { planTable } from "../../../experiments/tables/plan_table.ts";

/**
 * As the paper has them: AP, AP50, AP75, and APS, APM, APL where there are six.
 * By the ids of the rows.
 */
const PAPER: Readonly<Record<string, string>> = {
  "1a": `
    baseline 40.1 58.2 43.1 23.3 44.4 52.5
    tau_1    40.3 58.2 43.4 22.4 44.0 52.4
    tau_5    40.9 58.2 44.3 23.2 45.0 53.2
    tau_10   41.1 58.7 44.9 23.8 44.9 53.6
    tau_15   40.7 58.5 44.2 23.5 44.3 53.3
    tau_20   40.5 58.3 43.7 23.8 44.1 53.5`,
  "1b": `
    baseline 40.1 58.2 43.1 23.3 44.4 52.5
    tbr_0.1  40.5 58.3 43.8 23.0 44.2 52.7
    tbr_0.2  40.2 58.2 43.6 23.1 44.0 53.0
    tbr_0.3  40.1 58.4 43.1 23.6 43.9 52.5
    tbr_0.4  40.3 58.4 43.4 22.8 44.0 52.6
    ld       41.1 58.7 44.9 23.8 44.9 53.6`,
  "1c": `
    baseline   40.1 58.2 43.1 23.3 44.4 52.5
    gamma_1    41.1 58.7 44.9 23.8 44.9 53.6
    gamma_0.75 41.2 58.8 44.9 23.6 45.4 53.5
    gamma_0.5  41.7 59.4 45.3 24.2 45.6 54.2
    gamma_0.25 41.8 59.5 45.4 24.2 45.8 54.9
    gamma_0    41.7 59.5 45.4 24.5 45.9 54.0`,
  "2": `
    baseline   40.1 58.2 43.1
    main_kd    40.2 58.6 43.4
    main_ld    41.1 58.7 44.9
    main_kd_ld 41.4 59.2 45.0
    kd         40.4 58.9 43.4
    ld         41.8 59.5 45.4
    ours       42.1 60.3 45.6
    all        42.0 60.0 45.4`,
  "3": `
    baseline           40.1 58.2 43.1 23.3 44.4 52.5
    fit_nets           40.7 58.6 44.0 23.7 44.4 53.2
    inside_gt_box      40.7 58.6 44.2 23.1 44.5 53.5
    main_region        41.1 58.7 44.4 24.1 44.6 53.6
    fine_grained       41.1 58.8 44.8 23.3 45.4 53.1
    de_feat            40.8 58.6 44.2 24.3 44.6 53.7
    gi                 41.5 59.6 45.2 24.3 45.7 53.6
    ours               42.1 60.3 45.6 24.5 46.2 54.8
    ours_fit_nets      42.1 59.9 45.7 25.0 46.3 54.4
    ours_inside_gt_box 42.2 60.0 45.9 24.3 46.3 55.0
    ours_main_region   42.1 60.0 45.7 24.6 46.3 54.7
    ours_fine_grained  42.4 60.3 45.9 24.7 46.5 55.4
    ours_de_feat       42.2 60.0 45.8 24.7 46.1 54.4
    ours_gi            42.4 60.3 46.2 25.0 46.6 54.5`,
  "4": `
    r18      35.8 53.1 38.2 18.9 38.9 47.9
    r18_ours 37.5 54.7 40.4 20.2 41.2 49.4
    r34      38.9 56.6 42.2 21.5 42.8 51.4
    r34_ours 41.0 58.6 44.6 23.2 45.0 54.2
    r50      40.1 58.2 43.1 23.3 44.4 52.5
    r50_ours 42.1 60.3 45.6 24.5 46.2 54.8`,
  // One baseline each in the paper: whether its boxes are plain it does not say.
  "5": `
    retina_plain 36.9 54.3 39.8 21.2 40.8 48.4
    retina       36.9 54.3 39.8 21.2 40.8 48.4
    retina_ld    39.0 56.4 42.4 23.1 43.2 51.1
    fcos_plain   38.6 57.2 41.5 22.4 42.2 49.8
    fcos         38.6 57.2 41.5 22.4 42.2 49.8
    fcos_ld      40.6 58.4 44.1 24.3 44.1 52.3
    atss_plain   39.2 57.3 42.4 22.7 43.1 51.5
    atss         39.2 57.3 42.4 22.7 43.1 51.5
    atss_ld      41.6 59.3 45.3 25.2 45.2 53.3`,
  // The LD repository's README of 2021.
  self_distillation: `
    r18      35.8 53.1 38.2
    r18_self 36.1 52.9 38.5
    r50      40.1 58.2 43.1
    r50_self 40.6 58.2 43.8`,
  teacher_assistant: `
    student   35.8 53.1 38.2
    direct    36.5 52.9 39.3
    assistant 38.9 56.6 42.2
    assisting 39.8 56.6 43.1
    chained`,
};

/** Rows of ours where a step has more images than one of the paper's GPUs. */
const OURS: Readonly<Record<string, readonly string[]>> = {
  "3": ["gi_2_images", "gi_image", "ours_gi_image"],
};

for (const [id, text] of Object.entries(PAPER)) {
  Deno.test(`Table ${id} has the paper's rows and numbers at every scale`, () => {
    const rows = text.trim().split("\n")
      .map((line) => line.trim().split(/\s+/))
      .map(([row, ...numbers]) => [row, numbers.map(Number)]);
    for (const scale of ["smoke", "small", "paper"]) {
      const table = TABLES.find((table) => table.id === id)!;
      const { plan } = planTable(table, { scale });
      const ours = scale === "paper" ? [] : OURS[id] ?? [];
      assert.deepEqual(
        plan.rows.map(({ id, paper = [] }) => [id, paper]),
        [...rows, ...ours.map((row) => [row, []])],
        scale,
      );
    }
  });
}

Deno.test("voc has the published numbers by threshold", () => {
  const { plan } = planTable(TABLES.find(({ id }) => id === "voc")!, {});
  const [alone, ld, vlr, gi] = plan.rows.map(({ paper }) => paper!);
  assert.deepEqual([alone[0], alone[1], alone[6]], [51.8, 75.8, 56.3]);
  assert.equal(alone.filter((value) => value === null).length, 8);
  // AP, then AP50 to AP95, as the README prints them.
  // deno-fmt-ignore
  const printed = [
    0.530091, 0.759393, 0.744544, 0.724239, 0.693551, 0.639848, 0.576284,
    0.489098, 0.378586, 0.226534, 0.068834,
  ];
  ld.forEach((value, at) =>
    assert.ok(Math.abs(value! / 100 - printed[at]) < 1e-9, `${at}`)
  );
  assert.deepEqual([vlr, gi], [[54.0], [54.4]]);
});

Deno.test("every table is data in order: ids, what gains are over, and metrics", () => {
  assert.equal(new Set(TABLES.map(({ id }) => id)).size, TABLES.length);
  for (const table of TABLES) {
    for (const scale of ["smoke", "small", "paper"]) {
      const { rows } = planTable(table, { scale }).plan;
      const ids = rows.map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length, table.id);
      assert.ok(ids.every((id) => /^[a-z0-9_.]+$/.test(id)), `${ids}`);
      for (const { over, paper = [] } of rows) {
        assert.ok(over === undefined || over === null || ids.includes(over));
        assert.ok(paper.length <= table.metrics.length, table.id);
      }
    }
  }
});

Deno.test("figures refuse the scale of the paper, whose images have many sizes", () => {
  for (const figure of FIGURES) {
    assert.throws(() => planTable(figure, { scale: "paper" }), {
      name: "RangeError",
      message: /Cannot draw Figure [45]: scale must be small or smoke/,
    });
  }
});

Deno.test("voc sets the README's classes at IoU 0.95 beside ours", () => {
  const voc = TABLES.find(({ id }) => id === "voc")!;
  const { setting, plan } = planTable(voc, { rows: ["main_ld"] });
  const metrics = { ap: 0.5, "ap50 cow": 0.9, "ap95 cow": 0.25, "ap95 bus": 0 };
  const run = { metrics, seconds: 1 } as unknown as RunRecord;
  const config = setting.student;
  const result = new TableResult({
    experiment: voc,
    setting,
    plan,
    result: {
      teachers: [],
      rows: plan.rows.map((row) => ({ row, config, runs: [run] })),
    },
    notices: [],
    folder: "nowhere",
  });
  const { rows, columns } = result.tables()[2];
  assert.deepEqual(columns.map(({ heading }) => heading), [
    "class",
    "without LD",
    "Main LD",
    "Main LD",
  ]);
  // 0.109 of a cow and 0.247 of a bus, as printed.
  assert.deepEqual(
    rows.map(([name, , here, there]) => [
      name,
      (here as { mean: number }).mean,
      there,
    ]),
    [["cow", 25, 10.9], ["bus", 0, 24.7]],
  );
});
