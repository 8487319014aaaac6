import * as tf from "@tensorflow/tfjs-core";
import { compile, openEngine } from "ldlab/engine/mod.ts";
import assert from "node:assert/strict";

const open = () => openEngine({ backend: "tensorflow" });

function variable(values: tf.TensorLike, name?: string): tf.Variable {
  return tf.tidy(() => tf.variable(tf.add(values, 0), true, name));
}

/** A step that runs for a tenth of a second or more, then assigns to `count`. */
function slowStep(count: tf.Variable) {
  return compile(({ x }: tf.NamedTensorMap) => {
    let y = x as tf.Tensor2D;
    for (let i = 0; i < 100; i++) y = tf.tanh(tf.matMul(y, y));
    count.assign(tf.add(count, 1));
    return { y };
  });
}

Deno.test("close() twice is close() once", async () => {
  const engine = await open();
  const closed = engine.close();
  assert.equal(engine.close(), closed);
  await closed;
  await engine.close();
});

Deno.test("close() of a closed engine leaves the next one alone", async () => {
  const former = await open();
  await former.close();
  const engine = await open();
  await former.close();
  assert.equal(await open(), engine);
  const { y } = await compile(({ x }: tf.NamedTensorMap) => ({
    y: tf.add(x, 1),
  }))({ x: tf.scalar(1) });
  assert.deepEqual([...await y.data()], [2]);
  await engine.close();
});

Deno.test("close() waits for a running step that assigns to a variable", async () => {
  for (let i = 0; i < 4; i++) {
    const engine = await open();
    const count = variable(1);
    const step = slowStep(count);
    const x = tf.fill([300, 300], 0.001);
    tf.dispose(await step({ x }));
    const running = step({ x });
    const late = step({ x });
    late.catch(() => {}); // handled below
    const read = tf.add(x, 1).data();
    await new Promise((resolve) => setTimeout(resolve, i)); // it has started
    const closed = engine.close();
    assert.throws(() => tf.add(x, 1), /engine was closed/);
    const next = open(); // waits, though nobody awaited the end of the former
    assert.deepEqual((await running).y.shape, [300, 300]);
    await assert.rejects(late, /engine was closed/);
    assert.equal((await read).length, 90_000);
    await closed;
    assert.equal(engine.memory().handles, 0);
    count.dispose();
    const sum = tf.add(1, 1);
    assert.deepEqual([...await sum.data()], [2]);
    await (await next).close();
  }
});

Deno.test("close() waits for a running read", async () => {
  const engine = await open();
  const x = tf.tidy(() => tf.add(tf.fill([1_000_000], 3), 1)); // not on the host
  let length = 0;
  x.data().then((values) => length = values.length);
  await engine.close();
  assert.equal(length, 1_000_000);
  assert.equal(engine.memory().handles, 0);
});

Deno.test("close() frees what a step that was not disposed captured", async () => {
  const engine = await open();
  const large = tf.fill([1000], 1);
  const step = compile(({ x }: tf.NamedTensorMap) => ({ y: tf.add(x, large) }));
  const x = tf.scalar(1);
  tf.dispose(await step({ x }));
  tf.dispose([x, large]);
  assert.equal(engine.memory().handles, 1); // the capture
  await engine.close();
  assert.equal(engine.memory().handles, 0);
  step.dispose();
});

Deno.test("a variable left from a closed engine is an error only where it is used", async () => {
  const former = await open();
  const old = variable([1], "old");
  await former.close();
  const engine = await open();
  const before = engine.memory();
  const x = tf.tensor1d([1]);
  const other = compile(({ x }: tf.NamedTensorMap) => ({ y: tf.add(x, 1) }));
  const { y } = await other({ x });
  assert.deepEqual([...await y.data()], [2]);
  other.dispose();
  const using = compile(({ x }: tf.NamedTensorMap) => ({ y: tf.add(x, old) }));
  const assigning = compile(({ x }: tf.NamedTensorMap) => {
    old.assign(tf.add(x, 1));
    return {};
  }, { name: "mine" });
  for (let call = 0; call < 2; call++) {
    await assert.rejects(
      using({ x }),
      /Cannot use variable 'old': .* engine that was closed.* Make it anew/,
    );
  }
  await assert.rejects(
    assigning({ x }),
    /step 'mine': it assigns to the variable 'old' of an engine that was closed/,
  );
  assert.ok(old.isDisposed);
  tf.dispose([x, y]);
  const { tensors, handles } = engine.memory();
  assert.deepEqual(
    [tensors, handles],
    [before.tensors - 1, before.handles], // less the variable
  );
  await engine.close();
});
