import assert from "node:assert/strict";
import { findTensorflow } from "ldlab/engine/find_tensorflow.ts";
import { openEngine } from "ldlab/engine/mod.ts";
import { setTensorFloat32 } from "ldlab/engine/tensor_float32.ts";
import { runScript } from "./run_script.ts";

Deno.test("setTensorFloat32() turns TensorFlow's own switch", async () => {
  await (await openEngine({ backend: "tensorflow" })).close();
  const library = findTensorflow();
  assert.equal(setTensorFloat32(library, false), false);
  assert.equal(setTensorFloat32(library, true), true);
});

Deno.test("setTensorFloat32() says what to do where the switch is missing", () => {
  const library = "/nowhere/libtensorflow_cc.so.2";
  assert.equal(setTensorFloat32(library, true), true);
  assert.throws(
    () => setTensorFloat32(library, false),
    /no function for it \(\/nowhere\/.*NVIDIA_TF32_OVERRIDE=0 before you start/,
  );
});

Deno.test("openEngine() with tf32 off leaves it off, and on again in the next engine", async () => {
  const { code, stdout, stderr } = await runScript(`
    import { openEngine } from "ldlab/engine/mod.ts";
    import { findTensorflow } from "ldlab/engine/find_tensorflow.ts";
    import { dirname, join } from "node:path";
    const isOn = () => Deno.dlopen(
      join(dirname(findTensorflow()), "libtensorflow_framework.so.2"),
      { _ZN3tsl33tensor_float_32_execution_enabledEv: { parameters: [], result: "u8" } },
    ).symbols._ZN3tsl33tensor_float_32_execution_enabledEv();
    const off = await openEngine({ tf32: false });
    console.log(isOn(), (await openEngine({ tf32: true }).catch((e) => e)).message);
    await off.close();
    await openEngine();
    console.log(isOn());
  `);
  assert.equal(code, 0, stderr);
  const [first, second] = stdout.trim().split("\n");
  assert.match(first, /^0 .*tf32: true was asked for, false is open/);
  assert.equal(second, "1");
});
