import assert from "node:assert/strict";
import { runScript } from "./run_script.ts";

Deno.test("a process ends in order where TensorFlow was loaded and no context opened", async () => {
  const { code, stderr } = await runScript(`
    import { openEngine } from "ldlab/engine/mod.ts";
    await openEngine({ device: "gpu:99" });
  `);
  assert.equal(code, 1, `ended with ${code}`); // 139 where it crashed
  assert.match(stderr, /Cannot use gpu:99/);
});
