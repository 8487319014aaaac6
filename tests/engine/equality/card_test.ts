/** A whole step on an NVIDIA card; where none can be used, what is said of it. */
import assert from "node:assert/strict";
import { findTensorflow } from "ldlab/engine/find_tensorflow.ts";
import { openEngine } from "ldlab/engine/mod.ts";
import { kernelDevices } from "ldlab/engine/kernel_devices.ts";
import { loadTensorflow } from "ldlab/engine/load_tensorflow.ts";
import { askDriver } from "ldlab/engine/nvidia_driver.ts";
import { assertClose } from "../../golden.ts";
import { runScript } from "../run_script.ts";
import type { FullStep } from "./full_step.ts";

const { api } = loadTensorflow(findTensorflow());
const usable = kernelDevices(api, "MatMul").has("GPU") &&
  askDriver().cards.length > 0;

async function stepOn(env: Record<string, string>): Promise<FullStep> {
  const module = new URL("./full_step.ts", import.meta.url).href;
  const { code, stdout, stderr } = await runScript(
    `
    import { fullStep } from ${JSON.stringify(module)};
    console.log(JSON.stringify(await fullStep("tensorflow")));
    Deno.exit(0);
  `,
    env,
  );
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

/** Allowed differences, of the largest magnitude in a tensor. */
const TOLERANCES = {
  // The order of sums alone.
  "float32": { ofLargest: 1e-3, env: { NVIDIA_TF32_OVERRIDE: "0" } },
  // Products of numbers rounded to 10 bits, each off by up to 2^-11, through
  // some forty layers and back.
  "TensorFloat-32": { ofLargest: 5e-2, env: {} },
};

for (const [precision, { ofLargest, env }] of Object.entries(TOLERANCES)) {
  const title =
    `makeTrainStep() computes the same step on a card in ${precision}, ` +
    `to ${ofLargest}, or there is a reason`;
  Deno.test(title, async () => {
    if (!usable) {
      const refused = openEngine({ device: "gpu:0" });
      await assert.rejects(refused, /^Error: Cannot use gpu:0: \w/);
      return;
    }
    const expected = await stepOn({ LDLAB_DEVICE: "cpu" });
    const actual = await stepOn({ LDLAB_DEVICE: "gpu:0", ...env });
    assert.deepEqual(Object.keys(actual.values), Object.keys(expected.values));
    for (const [name, value] of Object.entries(expected.values)) {
      assertClose(actual.values[name], value, { ofLargest }, name);
    }
  });
}
