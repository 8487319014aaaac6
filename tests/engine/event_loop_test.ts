import * as tf from "@tensorflow/tfjs-core";
import { compile, openEngine } from "ldlab/engine/mod.ts";
import assert from "node:assert/strict";

await openEngine({ backend: "tensorflow" });

Deno.test("compile() leaves the event loop free while a step is replayed", async () => {
  const step = compile(({ x }: tf.NamedTensorMap) => {
    let y = x as tf.Tensor2D;
    for (let i = 0; i < 12; i++) y = tf.tanh(tf.matMul(y, y));
    return { y };
  });
  const x = tf.fill([900, 900], 0.001);
  tf.dispose(await step({ x }));
  let ticks = 0;
  const timer = setInterval(() => ticks++, 5);
  const start = performance.now();
  const { y } = await step({ x });
  const duration = performance.now() - start;
  clearInterval(timer);
  // A replay that blocked would let no timer through.
  assert.ok(duration > 40, `too short to tell: ${duration} ms`);
  assert.ok(ticks > 3, `${ticks} ticks in ${duration} ms`);
  step.dispose();
  tf.dispose([x, y]);
});
