/** Every table in one store, on runs of a step: that all of it runs. */
import assert from "node:assert/strict";
import { openEngine } from "ldlab/engine/mod.ts";
import { tableToLatex } from "ldlab/report/table_latex.ts";
import { RunStore } from "../../../experiments/store.ts";
import { planTable } from "../../../experiments/tables/plan_table.ts";
import { runTable } from "../../../experiments/tables/run_table.ts";
import { teacherErrors } from "../../../experiments/tables/teacher_errors.ts";
import type { TeacherRun } from "../../../experiments/config.ts";
import { FIGURES, TABLES } from "../../../experiments/tables/tables.ts";
import { tinySetting } from "./tiny_setting.ts";

/**
 * Of tables whose rows differ in a number or a term, some rows: what each row
 * distils is tested by row_terms_test.ts.
 */
const SOME: Readonly<Record<string, readonly string[]>> = {
  "1a": ["tau_10"],
  "1b": ["tbr_0.1", "ld"],
  "1c": ["gamma_0.25"],
  "2": ["ours", "all"],
  "3": ["fit_nets", "gi", "ours_de_feat"],
  "4": ["r18_ours"],
  paper_against_code: ["small_parts", "no_dfl", "as_written"],
};

Deno.test("every table and figure runs, fills its columns, concludes and draws; what is the same run is run once", async () => {
  const engine = await openEngine();
  const before = engine.memory();
  const folder = await Deno.makeTempDir();
  try {
    for (const experiment of [...TABLES, ...FIGURES]) {
      const { id, metrics } = experiment;
      const options = { scale: tinySetting, rows: SOME[id] };
      const result = await runTable(experiment, { ...options, folder });
      const again = await runTable(experiment, {
        ...options,
        folder,
        onStart: () => assert.fail(`${id} runs again`),
        progress: {
          update: () => assert.fail(`${id} is measured again`),
          close: () => Promise.resolve(),
        },
      });
      assert.deepEqual(again.result, result.result, id);
      const { teachers, rows } = planTable(experiment, options).plan;
      const table = result.table();
      assert.equal(table.rows.length, teachers.length + rows.length, id);
      for (const [label, ap] of table.rows) {
        assert.equal(
          typeof (ap as { mean: number })?.mean,
          "number",
          `${label}`,
        );
      }
      const own = table.columns.filter(({ group }) => group === "here");
      assert.equal(own.length, metrics.length, id);
      assert.equal(result.details().rows.length, table.rows.length, id);
      assert.match(result.conclusion(), /say nothing about LD/, id);
      assert.deepEqual(result.notices, [], id);
      for (const each of result.tables()) {
        // pdfLaTeX knows no other sign in every class and font.
        assert.match(tableToLatex(each), /^[\x20-\x7e\n]*$/, id);
      }
      const further = result.tables().slice(2);
      assert.equal(further.length, id === "voc" ? 1 : 0);
      for (const { columns, rows } of further) {
        assert.deepEqual(columns.length, 1 + result.rows.length);
        assert.ok(rows.length > 0);
      }
      for (const name of result.figureNames) {
        const { data } = await result.figure(name);
        assert.ok(data.some(({ x, y }) => x || y), name);
      }
    }
    const store = new RunStore(folder);
    const runs = store.all();
    const teacher = tinySetting.teacher as TeacherRun;
    const none = await teacherErrors(teacher, teacher, store);
    assert.ok(Object.values(none).every((error) => error === 0));
    store.close();
    assert.ok(runs.every(({ status }) => status === "finished"));
    // By hand: 3 of Table 1a, with teacher and baseline; then of 1b 1, 1c 1, 2 2,
    // 3 3, 4 2, 5 9 and 3 teachers, paper_against_code 3; self_distillation 2 and
    // 2 teachers (its larger student is the teacher here), teacher_assistant 3,
    // score_voting none, voc 2, figure_4 1, figure_5 none.
    assert.equal(runs.length, 3 + 1 + 1 + 2 + 3 + 2 + 12 + 3 + 4 + 3 + 2 + 1);
    assert.deepEqual(engine.memory(), before);
  } finally {
    await Deno.remove(folder, { recursive: true });
    engine.close();
  }
});
