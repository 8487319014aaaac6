/** TensorFlow's thread may outlive the JavaScript that waits for its results. */
import assert from "node:assert/strict";
import { runScript } from "./run_script.ts";

Deno.test("a worker may be terminated while a step runs", async () => {
  const worker = new URL("./endless_worker.ts", import.meta.url);
  const { code, stdout, stderr } = await runScript(`
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    for (let i = 0; i < 5; i++) {
      const worker = new Worker("${worker}", { type: "module" });
      await new Promise((resolve, reject) => {
        worker.onmessage = resolve;
        worker.onerror = reject;
      });
      await sleep(13 + 7 * i); // a call takes about 50 ms
      worker.terminate();
      // Takes memory that JavaScript freed, where a late write would show.
      const blocks = Array.from(
        { length: 200 },
        (_, j) => new Uint8Array(24 * (j % 7 + 1)).fill(0xab),
      );
      await sleep(60);
      const written = blocks.some((b) => b.some((byte) => byte !== 0xab));
      if (written) throw new Error("wrote into memory of others");
    }
    console.log("alive");
  `);
  assert.deepEqual([code, stdout.trim()], [0, "alive"], stderr);
});

for (
  const [how, end, expected] of [
    ["an uncaught error", `throw new Error("of the user");`, 1],
    ["Deno.exit()", `Deno.exit(3);`, 3],
  ] as const
) {
  Deno.test(`a program that ends by ${how} while a step runs ends so`, async () => {
    const { code, stderr } = await runScript(`
      import * as tf from "@tensorflow/tfjs-core";
      import { compile, openEngine } from "ldlab/engine/mod.ts";
      await openEngine({ backend: "tensorflow" });
      const step = compile(({ x }) => {
        let y = x;
        for (let i = 0; i < 20; i++) y = tf.tanh(tf.matMul(y, y));
        return { y, sum: tf.sum(y), more: tf.add(y, 1) };
      });
      const x = tf.fill([500, 500], 0.001);
      tf.dispose(await step({ x }));
      step({ x }).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 15));
      ${end}
    `);
    assert.equal(code, expected, stderr);
    if (expected === 1) assert.match(stderr, /Error: of the user/);
  });
}
