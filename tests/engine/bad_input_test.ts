/**
 * What can be done wrong between calls, one after another in one process: each
 * gives an error in our words, and the engine goes on working.
 */
import * as tf from "@tensorflow/tfjs-core";
import { compile, openEngine } from "ldlab/engine/mod.ts";
import { activeBackend } from "ldlab/engine/tensorflow_backend.ts";
import assert from "node:assert/strict";

const open = () => openEngine({ backend: "tensorflow" });
let engine = await open();

/** A tensor that is in TensorFlow already. */
const native = (values: tf.TensorLike, dtype?: tf.DataType) =>
  tf.tidy(() => {
    const x = tf.tensor(values, undefined, dtype);
    return tf.concat([tf.reshape(x, [1, -1]), tf.zeros([0, x.size], x.dtype)]);
  });

/** Trains one step of a fresh model, eagerly and compiled. */
async function goesOn(): Promise<void> {
  const { tensors, handles } = engine.memory();
  const weight = tf.tidy(() => tf.variable(tf.add(1, 0) as tf.Scalar));
  const step = compile(({ x }: tf.NamedTensorMap) => {
    const { value, grads } = tf.variableGrads(
      () => tf.sum(tf.square(tf.mul(weight, x))) as tf.Scalar,
      [weight],
    );
    weight.assign(tf.sub(weight, grads[weight.name]));
    return { value };
  });
  const x = tf.tensor1d([1, 2]);
  const { value } = await step({ x });
  assert.deepEqual([...await value.data()], [5]);
  assert.deepEqual([...await weight.data()], [1 - 2 * 5]);
  step.dispose();
  tf.dispose([weight, value, x]);
  const after = engine.memory();
  assert.deepEqual([after.tensors, after.handles], [tensors, handles]);
}

/** Fails unless the call is refused so, leaves nothing, and the engine goes on. */
async function refused(
  call: () => Promise<unknown>,
  error: assert.AssertPredicate,
  times = 2,
): Promise<void> {
  // Not the bytes: tfjs loses count of them among exabytes.
  const count = () => {
    const { tensors, handles } = engine.memory();
    return { tensors, handles };
  };
  const before = count();
  for (let time = 0; time < times; time++) await assert.rejects(call, error);
  assert.deepEqual(count(), before);
  await goesOn();
}

Deno.test("1. a variable disposed between calls is named", async () => {
  const gone = tf.tidy(() => tf.variable(tf.scalar(1), true, "neck.gone"));
  const step = compile(({ x }: tf.NamedTensorMap) => {
    gone.assign(tf.add(gone, tf.sum(x)) as tf.Scalar);
    return { y: tf.mul(gone, x) };
  }, { name: "student" });
  const x = native([1]);
  tf.dispose(await step({ x }));
  gone.dispose();
  await refused(
    () => step({ x }),
    /^Error: Cannot run step 'student': its variable 'neck.gone' was disposed/,
  );
  step.dispose();
  x.dispose();
});

Deno.test("2. an input of another type is another signature, or refused", async () => {
  const step = compile(({ x }: tf.NamedTensorMap) => ({ y: tf.exp(x) }), {
    name: "exponential",
  });
  const [float, int, bool, text] = [
    native([0], "float32"),
    native([0], "int32"),
    native([true], "bool"),
    tf.tidy(() => tf.concat([tf.tensor1d(["a"]), tf.tensor1d(["b"])])),
  ];
  tf.dispose(await step({ x: float }));
  const product = compile(({ x }: tf.NamedTensorMap) => ({ y: tf.mul(x, 2) }));
  for (const x of [float, int, bool]) {
    const { y } = await product({ x });
    assert.deepEqual([...await y.data()], [2 * (await x.data())[0]]);
    y.dispose();
  }
  assert.equal(product.statistics.recordings, 3);
  product.dispose();
  await refused(
    () => step({ x: bool }),
    /Cannot record Exp on \[1,1\] in step 'exponential': .*bool is not in the list of allowed values/,
  );
  // tfjs itself refuses strings, before the op is reached.
  await refused(() => step({ x: text }), /'exp' must be .*got string tensor/);
  const { y } = await step({ x: float });
  assert.deepEqual([...await y.data()], [1]);
  step.dispose();
  tf.dispose([float, int, bool, text, y]);
});

Deno.test("3. a step that needs more memory than there is says so", async () => {
  const one = native([1]);
  const side = 2 ** 24; // a petabyte; TensorFlow waits 10 s for memory
  const filled = compile(({ x }: tf.NamedTensorMap) => ({
    y: tf.add(tf.tile(x, [side, side]), 1),
  }), { name: "filled" });
  await refused(
    () => filled({ x: one }),
    /^Error: Cannot run step 'filled' for lack of memory: .*OOM when allocating tensor with shape\[16777216,16777216\]/s,
    1,
  );
  filled.dispose();
  const impossible = compile(
    () => ({ y: tf.fill([2 ** 30, 2 ** 30, 2 ** 30], 1) }),
    { name: "impossible" },
  );
  await refused(
    () => impossible({}),
    /Cannot run step 'impossible': .*more than 2\*\*63 - 1 elements/s,
  );
  impossible.dispose();
  one.dispose();
});

Deno.test("4. a step called after its engine was closed is refused, until one is open", async () => {
  const step = compile(({ x }: tf.NamedTensorMap) => ({ y: tf.add(x, 1) }), {
    name: "late",
  });
  const old = native([1]);
  tf.dispose(await step({ x: old }));
  await engine.close();
  const closed =
    /Cannot run step 'late': the engine was closed\. Open it again/;
  for (const x of [old, tf.scalar(1), tf.tensor1d(["a"])]) {
    await assert.rejects(step({ x }), closed);
  }
  const never = compile(({ x }: tf.NamedTensorMap) => ({ y: x }), {
    name: "late",
  });
  await assert.rejects(never({ x: tf.scalar(1) }), closed);
  engine = await open();
  const x = tf.scalar(1);
  const { y } = await step({ x });
  assert.deepEqual([...await y.data()], [2]);
  step.dispose();
  tf.dispose([x, y]);
  await goesOn();
  // As input, as capture and by itself.
  const foreign =
    /Cannot use tensor: its values are of an engine that was closed.* Make it anew on the open engine/;
  await refused(() => step({ x: old }), foreign);
  const capturing = compile(() => ({ y: tf.add(old, 1) }));
  await refused(() => capturing({}), foreign);
  await refused(async () => await tf.add(old, 1).data(), foreign);
  await refused(
    async () => await old.data(),
    /Cannot run on TensorFlow: the engine was closed/,
  );
  old.dispose();
});

Deno.test("5. a step called after an engine of another kind was opened runs there", async () => {
  const step = compile(({ x }: tf.NamedTensorMap) => ({ y: tf.add(x, 1) }));
  const x = native([1]);
  tf.dispose(await step({ x }));
  x.dispose();
  await engine.close();
  const script = await openEngine({ backend: "cpu" });
  const fresh = tf.scalar(3);
  const { y } = await step({ x: fresh });
  assert.deepEqual([...await y.data()], [4]);
  tf.dispose([fresh, y]);
  await script.close();
  await assert.rejects(step({ x: tf.scalar(1) }), /engine was closed/);
  engine = await open();
  await goesOn();
});

Deno.test("what was computed before an op failed can be read right after", async () => {
  const x = native([1, 2]);
  assert.throws(() => tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D));
  const op = () => activeBackend().executeSingleOutput("MatMul", [], [x, x]);
  assert.throws(op, /Cannot run MatMul on \[1,2\], \[1,2\]/);
  assert.deepEqual([...await x.data()], [1, 2]);
  assert.throws(op);
  assert.deepEqual([...x.dataSync()], [1, 2]);
  x.dispose();
});
