import * as tf from "@tensorflow/tfjs-core";
import { compile, openEngine } from "ldlab/engine/mod.ts";
import assert from "node:assert/strict";
import { assertClose } from "../golden.ts";
import { runScript } from "./run_script.ts";
import { trainingStep } from "./training_step.ts";

const engine = await openEngine({ backend: "tensorflow" });

Deno.test("compile() replays a whole training step to the bit, without optimization and with one thread", async () => {
  // oneDNN computes single ops with kernels that functions don't use.
  const script = new URL("./training_step.ts", import.meta.url);
  const { code, stdout, stderr } = await runScript(
    `
    import * as tf from "@tensorflow/tfjs-core";
    import { compile, openEngine } from "ldlab/engine/mod.ts";
    import { trainingStep } from ${JSON.stringify(script.href)};

    await openEngine({ backend: "tensorflow", threads: 1, optimize: false });
    const [plain, recorded] = [trainingStep(), trainingStep()];
    const step = compile(recorded.step);
    for (let i = 0; i < 5; i++) {
      const expected = tf.tidy(() => plain.step(plain.inputs));
      const actual = await step(recorded.inputs);
      const pairs = [[actual.loss, expected.loss]];
      recorded.state.forEach((v, j) => pairs.push([v, plain.state[j]]));
      for (const [a, e] of pairs) {
        const [x, y] = [a, e].map((t) => new Int32Array(t.dataSync().buffer));
        const different = x.filter((bits, j) => bits !== y[j]).length;
        if (different > 0) throw new Error(a.name + ": " + different + " differ");
      }
      console.log(actual.loss.dataSync()[0]);
    }
    `,
    { TF_ENABLE_ONEDNN_OPTS: "0" },
  );
  assert.equal(code, 0, stderr);
  const losses = stdout.trim().split("\n").map(Number);
  assert.equal(losses.length, 5);
  assert.ok(losses[4] < losses[0], `it trains: ${losses}`);
});

Deno.test("compile() replays 20 optimized training steps to 1e-5 of the largest magnitude", async () => {
  const before = engine.memory();
  const [plain, recorded] = [trainingStep(), trainingStep()];
  const step = compile(recorded.step, { check: true });
  for (let i = 0; i < 20; i++) {
    // Each step from the same state, so that differences don't add up.
    recorded.state.forEach((variable, j) =>
      tf.tidy(() => variable.assign(tf.add(plain.state[j], 0)))
    );
    const expected = tf.tidy(() => plain.step(plain.inputs));
    const actual = await step(recorded.inputs);
    assertClose(
      await actual.loss.data(),
      await expected.loss.data(),
      { relative: 1e-5 },
      `loss of step ${i}`,
    );
    for (const [j, variable] of recorded.state.entries()) {
      assertClose(
        await variable.data(),
        await plain.state[j].data(),
        { ofLargest: 1e-5 },
        `state ${j} after step ${i}`,
      );
    }
    tf.dispose([expected, actual]);
  }
  assert.equal(step.statistics.recordings, 1);
  step.dispose();
  tf.dispose([plain.inputs, plain.state, recorded.inputs, recorded.state]);
  assert.deepEqual(engine.memory(), before);
});
