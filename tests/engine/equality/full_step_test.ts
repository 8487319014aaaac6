import assert from "node:assert/strict";
import { assertClose } from "../../golden.ts";
import { runScript } from "../run_script.ts";
import { type FullStep, fullStep } from "./full_step.ts";

const expected = await fullStep("tensorflow");
const module = new URL("./full_step.ts", import.meta.url).href;

for (
  const [backend, where] of [
    ["cpu", "in pure JavaScript"],
    ["webgpu", "on WebGPU"], // without a graphics card: Mesa's software Vulkan
  ]
) {
  // A process each: TensorFlow crashes where Mesa's drivers are loaded too.
  Deno.test(`makeTrainStep() computes the same step ${where} as on TensorFlow, to 1e-3`, async () => {
    const { code, stdout, stderr } = await runScript(`
      import { fullStep } from ${JSON.stringify(module)};
      console.log(JSON.stringify(await fullStep("${backend}")));
      Deno.exit(0);
    `);
    assert.equal(code, 0, stderr);
    const { values, recordings }: FullStep = JSON.parse(stdout);
    assert.equal(expected.recordings, 1);
    assert.equal(recordings, 0);
    assert.deepEqual(Object.keys(values), Object.keys(expected.values));
    for (const [name, value] of Object.entries(expected.values)) {
      assert.ok(value.every(Number.isFinite), name);
      assertClose(values[name], value, { ofLargest: 1e-3 }, name);
    }
  });
}
