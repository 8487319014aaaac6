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
  const ofReplay = ticks;
  // Reading waits for a result as well where TensorFlow hands it out early.
  const again = step({ x });
  const values = await (await again).y.data();
  clearInterval(timer);
  // A replay that blocked would let no timer through.
  assert.ok(duration > 40, `too short to tell: ${duration} ms`);
  assert.ok(ofReplay > 3, `${ofReplay} ticks in ${duration} ms`);
  assert.ok(ticks > ofReplay + 3, `${ticks - ofReplay} ticks while read`);
  assert.equal(values.length, 900 * 900);
  step.dispose();
  tf.dispose([x, y, (await again).y]);
});

Deno.test("compile() awaits what announces a recording, before each recording and no replay", async () => {
  const events: string[] = [];
  const step = compile(({ x }: tf.NamedTensorMap) => {
    events.push("recorded");
    return { y: tf.neg(x) };
  }, {
    name: "negate",
    onRecord: async (name) => {
      events.push(`${name} is to be recorded`);
      await new Promise((resolve) => setTimeout(resolve, 1));
      events.push("shown");
    },
  });
  const [short, long] = [tf.zeros([2]), tf.zeros([3])];
  const once = ["negate is to be recorded", "shown", "recorded"];
  tf.dispose([await step({ x: short }), await step({ x: short })]);
  assert.deepEqual(events, once);
  tf.dispose(await step({ x: long }));
  assert.deepEqual(events, [...once, ...once]);
  step.dispose();
  tf.dispose([short, long]);
});

Deno.test("compile() records nothing when the announcement fails, and goes on afterwards", async () => {
  let fails = true;
  const step = compile(({ x }: tf.NamedTensorMap) => ({ y: tf.neg(x) }), {
    onRecord: () => {
      if (fails) throw new Error("no page");
    },
  });
  const x = tf.zeros([2]);
  await assert.rejects(step({ x }), /no page/);
  assert.equal(step.statistics.recordings, 0);
  fails = false;
  tf.dispose(await step({ x }));
  step.dispose();
  x.dispose();
});
