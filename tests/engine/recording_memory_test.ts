/** What recordings hold, and that it is freed. */
import * as tf from "@tensorflow/tfjs-core";
import { compile, openEngine } from "ldlab/engine/mod.ts";
import { currentSession } from "ldlab/engine/session.ts";
import assert from "node:assert/strict";
import { valuesOf } from "./deterministic_values.ts";

const engine = await openEngine({ backend: "tensorflow" });
const { runtime } = currentSession()!;

for (const [bytes, captures] of [[65_536, 0], [65_540, 1]]) {
  Deno.test(`compile() holds ${captures} captures for a constant of ${bytes} bytes`, async () => {
    const values = valuesOf(bytes / 4, 1);
    const step = compile(({ x }: tf.NamedTensorMap) => ({
      y: tf.add(tf.tensor1d(values), x),
    }));
    const x = tf.tidy(() => tf.add(1, 0));
    const before = engine.memory();
    const { y } = await step({ x });
    y.dispose();
    assert.equal(engine.memory().handles, before.handles + captures);
    assert.equal(engine.memory().tensors, before.tensors);
    step.dispose();
    assert.deepEqual(engine.memory(), before);
    x.dispose();
  });
}

Deno.test("a disposed or evicted step's function is gone from TensorFlow", async () => {
  const names: Uint8Array<ArrayBuffer>[] = [];
  const execute = runtime.executeFunction.bind(runtime);
  runtime.executeFunction = (call, what) => {
    names.push(call.name);
    return execute(call, what);
  };
  const run = async (name: Uint8Array<ArrayBuffer>) => {
    const x = runtime.upload(1, [1], Float32Array.of(1));
    const results = await execute(
      { name, config: new Uint8Array(), xla: false, inputs: [x], outputs: 1 },
      "run it",
    ).finally(() => runtime.delete(x));
    for (const { handle } of results) runtime.delete(handle);
  };
  const step = compile(({ x }: tf.NamedTensorMap) => ({ y: tf.add(x, 1) }), {
    signatures: 1,
  });
  try {
    for (const size of [1, 2]) {
      const x = tf.ones([size]);
      tf.dispose(await step({ x }));
      x.dispose();
    }
  } finally {
    runtime.executeFunction = execute;
  }
  const [evicted, current] = names;
  const gone = /'step_\d+' is neither .* nor a name of a function registered/;
  await assert.rejects(run(evicted), gone);
  await run(current);
  step.dispose();
  await assert.rejects(run(current), gone);
});

Deno.test("recording and disposing leaves no memory behind", async () => {
  // 3 MB of constants, each below the size that is captured.
  const constants = Array.from({ length: 50 }, (_, i) => valuesOf(15_000, i));
  const x = tf.tidy(() => tf.add(1, 0));
  const record = async (times: number) => {
    for (let i = 0; i < times; i++) {
      const step = compile(({ x }: tf.NamedTensorMap) => ({
        y: tf.addN(constants.map((values) => tf.add(tf.tensor1d(values), x))),
      }));
      tf.dispose(await step({ x }));
      step.dispose();
    }
  };
  await record(10);
  const before = Deno.memoryUsage().rss;
  await record(60);
  const grown = Deno.memoryUsage().rss - before;
  x.dispose();
  // 180 MB if the graphs stayed, and again if the functions did.
  assert.ok(grown < 90e6, `60 recordings of 3 MB left ${grown} bytes`);
});
