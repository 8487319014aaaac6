import assert from "node:assert/strict";
import { describeLiveMemory } from "ldlab/engine/live_memory.ts";
import { runScript } from "./run_script.ts";

Deno.test("ops and steps without memory name the largest tensors, and leave the engine usable", async () => {
  // Without oneDNN: its allocator tries again for ten seconds.
  const { code, stdout, stderr } = await runScript(
    `
    import * as tf from "@tensorflow/tfjs-core";
    import { compile, openEngine } from "ldlab/engine/mod.ts";

    const engine = await openEngine({ backend: "tensorflow" });
    // 4 EiB, more than any machine has.
    const tooLarge = ({ x }) => ({
      y: tf.sum(tf.tile(tf.reshape(x, [1, 1]), [2 ** 30, 2 ** 30])),
    });
    const weights = tf.tidy(() => tf.variable(tf.ones([300, 700]), true, "weights"));
    const other = tf.tidy(() => tf.add(tf.ones([500, 30]), 1));
    const x = tf.tidy(() => tf.add(1, [1])); // is on the device
    const messages = [], memory = [], values = [];
    for (let call = 0; call < 2; call++) {
      try {
        tf.tidy(() => tooLarge({ x }));
      } catch ({ message }) {
        messages.push(message);
      }
      memory.push(engine.memory());
    }
    const small = () => tf.tidy(() => ({ y: tf.sum(tf.mul(weights, x)) }));
    values.push((await small().y.data())[0]);
    const step = compile(tooLarge, { name: "train" });
    for (let call = 0; call < 2; call++) {
      await step({ x }).catch(({ message }) => messages.push(message));
      memory.push(engine.memory());
    }
    values.push((await (await compile(small)({ x })).y.data())[0]);
    console.log(JSON.stringify({ messages, memory, values }));
  `,
    { TF_ENABLE_ONEDNN_OPTS: "0" },
  );
  assert.equal(code, 0, stderr);
  const { messages, memory, values } = JSON.parse(stdout);
  assert.equal(messages.length, 4);
  messages.forEach((message: string, i: number) => {
    const what = i < 2 ? "run Tile on [1,1], [2]" : "run step 'train'";
    assert.ok(
      message.startsWith(`Cannot ${what} for lack of memory: `),
      message,
    );
    assert.match(
      message,
      /\. Meanwhile \d tensors hold 87\d\.\d KiB, the largest: weights float32 \[300,700\] 820\.3 KiB, float32 \[500,30\] 58\.6 KiB, /,
    );
    assert.doesNotMatch(message, /\n|Hint/);
  });
  assert.deepEqual(memory[1], memory[0]);
  assert.deepEqual(memory[3], memory[2]);
  assert.deepEqual(values, [420_000, 420_000]); // 2 · 300 · 700
});

Deno.test("describeLiveMemory() names the five largest of many and counts all", () => {
  const FLOAT = 1, INT32 = 3, STRING = 7, BFLOAT16 = 14;
  const tensors = [
    { dtype: FLOAT, shape: [1024, 1024, 1024] },
    { dtype: BFLOAT16, shape: [1024, 1024], name: "narrow" },
    { dtype: INT32, shape: [] },
    { dtype: STRING, shape: [9] },
    { dtype: FLOAT, shape: [300] },
    { dtype: FLOAT, shape: [0, 7] },
    { dtype: FLOAT, shape: [256] },
  ];
  // 4 GiB + 2 MiB + 4 + 1,200 + 1,024 bytes
  assert.equal(
    describeLiveMemory(tensors),
    "7 tensors hold 4.0 GiB, the largest: float32 [1024,1024,1024] 4.0 GiB, " +
      "narrow bfloat16 [1024,1024] 2.0 MiB, float32 [300] 1.2 KiB, " +
      "float32 [256] 1.0 KiB, int32 [] 4 bytes",
  );
  assert.equal(describeLiveMemory([]), "no other tensor is alive");
});
