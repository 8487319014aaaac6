import * as tf from "@tensorflow/tfjs-core";
import { compile, openEngine } from "ldlab/engine/mod.ts";
import assert from "node:assert/strict";

const engine = await openEngine({ backend: "tensorflow" });

Deno.test("a worker opens an engine of its own while this one works", async () => {
  const before = engine.memory();
  const worker = new Worker(new URL("./worker_engine.ts", import.meta.url), {
    type: "module",
  });
  let done = false;
  const answer = new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
  }).finally(() => done = true);
  const step = compile(({ x }: tf.NamedTensorMap) => ({ y: tf.matMul(x, x) }));
  const x = tf.ones([50, 50]);
  while (!done) {
    const { y } = await step({ x });
    assert.equal((await y.data())[0], 50);
    y.dispose();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  assert.deepEqual(await answer, { total: 20_000, handles: 0 });
  worker.terminate();
  step.dispose();
  x.dispose();
  assert.deepEqual(engine.memory(), before);
});
