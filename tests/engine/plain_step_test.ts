import { openEngine } from "ldlab/engine/mod.ts";
import assert from "node:assert/strict";
import { stepRules } from "./step_rules.ts";

const engine = await openEngine({ backend: "cpu" });

for (const [rule, follow] of Object.entries(stepRules)) {
  Deno.test(`compile() in pure JavaScript ${rule}`, async () => {
    const before = engine.memory();
    await follow();
    assert.deepEqual(engine.memory(), before);
  });
}
