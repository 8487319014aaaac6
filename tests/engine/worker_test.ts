import * as tf from "@tensorflow/tfjs-core";
import { compile, openEngine } from "ldlab/engine/mod.ts";
import { currentSession } from "ldlab/engine/session.ts";
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

/** The next message of a worker. */
function message(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
  });
}

Deno.test("two workers and this thread compile, replay and renew at once, and close in turn", async () => {
  const before = engine.memory();
  const url = new URL("./busy_worker.ts", import.meta.url);
  const workers = [1, 2].map(() => new Worker(url, { type: "module" }));
  for (const starts of workers.map(message)) {
    assert.equal(await starts, "runs");
  }
  const record = async (round: number) => {
    const step = compile(({ x }: tf.NamedTensorMap) => ({
      y: tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D),
    }));
    const x = tf.ones([10 + round, 10 + round]);
    for (let i = 0; i < 3; i++) {
      const { y } = await step({ x });
      assert.equal((await y.data())[0], 10 + round);
      y.dispose();
    }
    step.dispose();
    x.dispose();
  };
  for (let round = 0; round < 10; round++) {
    await record(round);
    if (round === 5) currentSession()!.steps.renew();
  }
  for (const worker of workers) {
    const answer = message(worker);
    worker.postMessage("stop");
    const { counted, replays, recordings, tensors, handles } = await answer as {
      [name: string]: number;
    };
    assert.equal(counted, replays);
    assert.equal(recordings, replays / 5);
    assert.deepEqual([tensors, handles], [0, 0]);
    worker.terminate();
    await record(20); // this engine works without the worker's
  }
  assert.deepEqual(engine.memory(), before);
});

Deno.test("this engine goes on when a worker is terminated in the middle of a replay", async () => {
  const before = engine.memory();
  const step = compile(({ x }: tf.NamedTensorMap) => ({
    y: tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D),
  }));
  const x = tf.ones([300, 300]);
  for (let i = 0; i < 3; i++) {
    const url = new URL("./endless_worker.ts", import.meta.url);
    const worker = new Worker(url, { type: "module" });
    assert.equal(await message(worker), "runs");
    const running = [step({ x }), step({ x })];
    await new Promise((resolve) => setTimeout(resolve, 10 + 7 * i));
    worker.terminate(); // its calls take 50 ms
    for (const { y } of await Promise.all([...running, step({ x })])) {
      assert.equal((await y.data())[0], 300);
      y.dispose();
    }
  }
  step.dispose();
  x.dispose();
  assert.deepEqual(engine.memory(), before);
});
