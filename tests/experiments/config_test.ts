import assert from "node:assert/strict";
import { runId } from "../../experiments/config.ts";
import { resolveRunConfig } from "../../experiments/resolve_config.ts";
import { SCALES } from "../../experiments/scales.ts";

Deno.test("runId() depends on what the config says, not on how it is written", async () => {
  const { student } = SCALES.small;
  const reversed = Object.fromEntries(
    Object.entries(student).reverse(),
  ) as unknown as typeof student;
  assert.equal(await runId(reversed, 0), await runId(student, 0));
  assert.equal(
    await runId(resolveRunConfig(student), 0),
    await runId(student, 0),
  );
  const ids = await Promise.all([
    runId(student, 0),
    runId(student, 1),
    runId({ ...student, epochs: 25 }, 0),
    runId({
      ...student,
      model: { ...student.model, backbone: { depth: 18, baseWidth: 32 } },
    }, 0),
  ]);
  assert.equal(new Set(ids).size, ids.length);
});

Deno.test("runId() of a float32 run knows nothing of precision", async () => {
  const { student } = SCALES.small;
  for (const precision of [undefined, null]) {
    const unsaid = { ...student, precision };
    assert.equal(await runId(unsaid, 0), await runId(student, 0));
  }
  const bfloat16 = { ...student, precision: "bfloat16" as const };
  assert.notEqual(await runId(bfloat16, 0), await runId(student, 0));
});
