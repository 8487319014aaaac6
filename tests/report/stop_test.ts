import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

/** A program whose every run stops where the signal says so. */
const heeding = `
  import { stopSignal } from "${import.meta.resolve("ldlab/report/stop.ts")}";
  for (let run = 0; run < 2; run++) {
    const signal = stopSignal();
    console.log("run", signal.aborted);
    while (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 10));
    console.log(signal.reason.name);
  }`;

/**
 * A program that is nearly always within a native step, as training is; on a
 * stop it finishes its step and reads the weights, as a checkpoint does.
 */
const native = (heeds: boolean) => `
  import * as tf from "${import.meta.resolve("@tensorflow/tfjs-core")}";
  import { compile, openEngine } from "${
  import.meta.resolve("ldlab/engine/mod.ts")
}";
  import { stopSignal } from "${import.meta.resolve("ldlab/report/stop.ts")}";
  await openEngine({ backend: "tensorflow", threads: 1 });
  const weights = tf.variable(tf.randomNormal([700, 700], 0, 1, "float32", 1));
  const step = compile(() => {
    let y = weights;
    for (let i = 0; i < 12; i++) y = tf.tanh(tf.matMul(y, y));
    weights.assign(y);
    return { y };
  });
  const signal = stopSignal();
  let steps = 0;
  while (!(signal.aborted && ${heeds})) {
    (await step({})).y.dispose();
    if (++steps === 2) console.log("run");
  }
  const kept = await weights.data();
  console.log("kept", steps >= 2 && kept.every(Number.isFinite));`;

/**
 * Runs a program and sends it SIGINT after it said "run": at once, and then
 * each pause later. Tells what it said and how it ended.
 */
async function interrupt(code: string, pauses: number[]) {
  const program = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", code],
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", TF_CPP_MIN_LOG_LEVEL: "3" },
  }).spawn();
  const errors = new Response(program.stderr).text();
  let text = "";
  let lastSignal = 0;
  let sent: Promise<void> | undefined;
  const send = async () => {
    for (const pause of [0, ...pauses]) {
      await sleep(pause);
      lastSignal = performance.now();
      program.kill("SIGINT");
    }
  };
  const decoder = new TextDecoder();
  for await (const chunk of program.stdout) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes("run")) sent ??= send();
  }
  const { code: exitCode, signal } = await program.status;
  const seconds = (performance.now() - lastSignal) / 1000;
  await sent;
  return { text, errors: await errors, code: exitCode, signal, seconds };
}

const announcement =
  "Stopping after this step; press Ctrl-C again to quit at once\n";

Deno.test("stopSignal() stops the run and is armed for the next", async () => {
  const { text, errors, code } = await interrupt(heeding, [1200]);
  assert.equal(text, "run false\nAbortError\nrun false\nAbortError\n");
  assert.equal(errors, announcement + announcement);
  assert.equal(code, 0);
});

Deno.test("stopSignal() lets the native step end that a Ctrl-C finds running", async () => {
  const { text, errors, code } = await interrupt(native(true), []);
  assert.deepEqual([text, errors, code], ["run\nkept true\n", announcement, 0]);
});

Deno.test("stopSignal() takes a Ctrl-C that comes twice for one", async () => {
  const { text, errors, code } = await interrupt(native(true), [10]);
  assert.deepEqual([text, errors, code], ["run\nkept true\n", announcement, 0]);
});

Deno.test("stopSignal() lets a later Ctrl-C end a program within a native step at once", async () => {
  for (let trial = 0; trial < 3; trial++) {
    const ended = await interrupt(native(false), [1200]);
    const { text, errors, signal, code, seconds } = ended;
    assert.deepEqual(
      [text, errors, signal, code],
      ["run\n", announcement, "SIGINT", 130],
    );
    assert.ok(seconds < 1, `ended after ${seconds} s`);
  }
});
