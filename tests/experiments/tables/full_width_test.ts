import assert from "node:assert/strict";
import { resolveRunConfig } from "experiments/resolve_config.ts";
import { fullWidth } from "experiments/tables/full_width.ts";
import { planTable } from "experiments/tables/plan_table.ts";
import { TABLE_1A } from "experiments/tables/table_1a.ts";
import { tableSetting } from "experiments/tables/table_setting.ts";

Deno.test("fullWidth() is the small pair with published networks on larger images", () => {
  const { student, teacher, tested } = fullWidth();
  const small = tableSetting("small");
  assert.equal(tested, small.tested);
  assert.ok("config" in teacher);
  for (
    const [config, depth] of [[student, 18], [teacher.config, 50]] as const
  ) {
    assert.deepEqual(config.input, {
      kind: "stretch",
      width: 640,
      height: 480,
    });
    // Nothing narrower than published: 64 channels at first, 256 in neck and head.
    assert.deepEqual(config.model, {
      kind: "gfl",
      numClasses: 3,
      backbone: { depth },
    });
    resolveRunConfig(config); // is in order
  }
  assert.deepEqual(student.data, small.student.data);
  const { plan } = planTable(TABLE_1A, { scale: fullWidth(), seeds: 3 });
  assert.equal(plan.teachers.length, 1);
  const of = (scale: string) => planTable(TABLE_1A, { scale }).plan.rows.length;
  assert.equal(plan.rows.length, of("small"));
});
