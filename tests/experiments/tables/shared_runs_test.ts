/** Tables ask for the same runs where they mean the same. */
import assert from "node:assert/strict";
import { runId } from "../../../experiments/config.ts";
import { publishedConfig } from "../../../experiments/published/mod.ts";
import { planTable } from "../../../experiments/tables/plan_table.ts";
import { findTable } from "../../../experiments/tables/tables.ts";

/** The id of a row's run of seed 0. */
async function rowId(table: string, row: string, scale: string) {
  const { baseline, rows } = planTable(findTable(table), { scale }).plan;
  const { change } = rows.find(({ id }) => id === row)!;
  return await runId({ ...baseline, ...change }, 0);
}

/** Asserts that rows are one run. */
async function same(scale: string, ...rows: (readonly [string, string])[]) {
  const ids = await Promise.all(
    rows.map(([table, row]) => rowId(table, row, scale)),
  );
  assert.equal(new Set(ids).size, 1, `${scale}: ${rows.join("; ")}`);
}

for (const scale of ["smoke", "small", "paper"]) {
  Deno.test(`tables share teacher, baseline and equal rows at ${scale}`, async () => {
    await same(
      scale,
      ...["1a", "1b", "1c", "2", "3", "paper_against_code"]
        .map((table) => [table, "baseline"] as const),
    );
    await same(scale, ["1a", "tau_10"], ["1b", "ld"], ["2", "main_ld"]);
    await same(scale, ["1c", "gamma_0.25"], ["2", "ld"]);
    await same(
      scale,
      ["2", "ours"],
      ["3", "ours"],
      ["4", "r50_ours"],
      ["paper_against_code", "released"],
      ["score_voting", "ours_voting"],
    );
    await same(scale, ["2", "all"], ["paper_against_code", "vlr_kd"]);
  });
}

Deno.test("tables 1a, 1c, 2 and 3 ask for the same teacher", async () => {
  const ids = await Promise.all(
    ["1a", "1c", "2", "3"].map(async (id) => {
      const { teachers } = planTable(findTable(id), {}).plan;
      assert.equal(teachers.length, 1);
      return await runId(teachers[0].config, 0);
    }),
  );
  assert.equal(new Set(ids).size, 1);
});

Deno.test("tables at small share their students with the table of temperatures", async () => {
  await same(
    "small",
    ["1a", "baseline"],
    ["4", "r50"],
    [
      "self_distillation",
      "r18",
    ],
    ["teacher_assistant", "student"],
    ["voc", "baseline"],
  );
  await same("small", ["1a", "tau_10"], ["teacher_assistant", "direct"], [
    "voc",
    "main_ld",
  ]);
});

Deno.test("figures train nothing that tables do not", async () => {
  await same("small", ["2", "ld"], ["figure_4", "ld"], ["figure_5", "ld"]);
  await same("small", ["3", "gi"], ["figure_4", "gi"], ["figure_5", "gi"]);
  await same("small", ["3", "fine_grained"], ["figure_4", "fine_grained"]);
  await same("small", ["2", "ours"], ["figure_4", "ours"]);
  await same("small", ["1a", "baseline"], ["figure_4", "baseline"]);
});

Deno.test("rows at paper are the published runs", async () => {
  const runs = {
    "2 ours": "ours_r50_gflv1_r101_fpn_coco_1x",
    "4 r18": "gfl_r18_fpn_1x_coco",
    "4 r34_ours": "ld_r34_gflv1_r101_fpn_coco_1x",
    "5 retina_plain": "retinanet_r50_fpn_1x_coco",
    "5 fcos_ld": "ld_r50_fcos_r101_1x",
    "5 atss": "atss_gfl_r50_1x",
    "self_distillation r50_self": "self_ld_gflv1_r50_fpn_coco_1x",
    "teacher_assistant chained": "ta_34_18",
    "voc baseline": "gfl_r18_fpn1x_voc",
    "voc main_ld": "ld_gflv1_r101_r18_fpn_voc",
  };
  for (const [place, name] of Object.entries(runs)) {
    const [table, row] = place.split(" ");
    assert.equal(
      await rowId(table, row, "paper"),
      await runId(publishedConfig(name).config, 0),
      place,
    );
  }
});

Deno.test("self-LD's teacher at small has a seed that no student has", () => {
  const { rows } = planTable(findTable("self_distillation"), {}).plan;
  for (const { change: { teacher, model } } of rows) {
    if (!teacher || !("config" in teacher)) continue;
    assert.deepEqual(teacher.config.model, model);
    assert.ok(teacher.seed >= 1000);
  }
});
