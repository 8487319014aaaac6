import assert from "node:assert/strict";
import { runScript } from "./run_script.ts";

/** What a script printed last, run with WebGPU open and as `tf`. */
async function onWebgpu(source: string): Promise<unknown> {
  const { code, stdout, stderr } = await runScript(`
    import * as tf from "@tensorflow/tfjs-core";
    import { openEngine } from "ldlab/engine/mod.ts";
    const engine = await openEngine({ backend: "webgpu" });
    ${source}
    Deno.exit(0);
  `);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout.trim().split("\n").at(-1)!);
}

Deno.test("openEngine() on WebGPU adds more tensors at once than a shader takes", async () => {
  const sums = await onWebgpu(`
    const before = engine.memory();
    const sums = [];
    for (const count of [1, 2, 7, 8, 13, 14, 100]) {
      const ones = Array.from({ length: count }, () => tf.ones([2000]));
      const sum = tf.addN(ones);
      sums.push((await sum.data())[1999]);
      tf.dispose([ones, sum]);
    }
    const after = engine.memory();
    sums.push(after.tensors - before.tensors, after.handles - before.handles);
    console.log(JSON.stringify(sums));
  `);
  assert.deepEqual(sums, [1, 2, 7, 8, 13, 14, 100, 0, 0]);
});

Deno.test("openEngine() on WebGPU makes a read fail once after the device refused an op, and goes on", async () => {
  const [message, last] = await onWebgpu(`
    const { device } = tf.backend();
    const x = tf.range(0, 2000); // too many to be computed on the host
    device.createBuffer({ size: 2 ** 52, usage: GPUBufferUsage.STORAGE });
    const doubled = tf.mul(x, 2);
    const read = (await doubled.data().catch((error) => error)).message;
    console.log(JSON.stringify([read, (await doubled.data())[1999]]));
  `) as [string, number];
  assert.match(message, /^Cannot compute on WebGPU: the device refused: .+/);
  assert.equal(last, 3998);
});
