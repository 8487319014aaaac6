import assert from "node:assert/strict";
import { usableCard } from "ldlab/engine/usable_card.ts";
import { resolveRunConfig } from "experiments/resolve_config.ts";
import { fullWidth, requireCard } from "experiments/tables/full_width.ts";
import { runTable } from "experiments/tables/run_table.ts";
import { planTable } from "experiments/tables/plan_table.ts";
import { TABLE_1A } from "experiments/tables/table_1a.ts";
import { TABLE_4 } from "experiments/tables/table_4.ts";
import { TABLES } from "experiments/tables/tables.ts";
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
      backbone: { depth, baseWidth: 64 },
    });
    resolveRunConfig(config); // is in order
  }
  assert.deepEqual(student.data, small.student.data);
  const { plan } = planTable(TABLE_1A, { scale: fullWidth(), seeds: 3 });
  assert.equal(plan.teachers.length, 1);
  const of = (scale: string) => planTable(TABLE_1A, { scale }).plan.rows.length;
  assert.equal(plan.rows.length, of("small"));
});

Deno.test("every table can be run at full width", () => {
  for (const table of TABLES) {
    const { plan } = planTable(table, { scale: fullWidth() });
    for (const { id, change } of plan.rows) {
      const config = { ...plan.baseline, ...change };
      const { model } = resolveRunConfig(config); // is in order
      assert.equal(model.backbone.baseWidth, 64, `${table.id} ${id}`);
    }
  }
  const { plan } = planTable(TABLE_4, { scale: fullWidth() });
  assert.deepEqual(
    plan.rows.map(({ change }) => change.model!.backbone!.depth),
    [18, 18, 34, 34, 50, 50],
  );
});

Deno.test("runTable() refuses full width where the engine is on the processor after all", async () => {
  const folder = await Deno.makeTempDir();
  const stop = new AbortController();
  try {
    await assert.rejects(
      runTable(TABLE_1A, {
        ...{ scale: fullWidth(), rows: ["tau_10"], folder },
        signal: stop.signal,
        onStart: () => stop.abort(), // on a card
      }),
      usableCard() === null
        ? /^Error: Cannot run networks of full width on the processor\. \w.* LDLAB_DEVICE=cpu/
        : { name: "AbortError" },
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  const engine = { reason: "no card" };
  requireCard(tableSetting("small"), engine);
  requireCard(fullWidth(), { ...engine, card: "H100" });
  assert.throws(
    () => requireCard(fullWidth(), engine),
    /processor\. no card\. Set/,
  );
});
