import * as tf from "@tensorflow/tfjs-core";
import { compile, openEngine } from "ldlab/engine/mod.ts";
import assert from "node:assert/strict";

const engine = await openEngine({ backend: "tensorflow" });

/** A variable whose initial tensor is not left over. */
function variable(values: tf.TensorLike): tf.Variable {
  return tf.tidy(() => tf.variable(tf.tensor(values)));
}

async function run(
  step: (inputs: tf.NamedTensorMap) => Promise<tf.NamedTensorMap>,
  inputs: Record<string, number> = {},
): Promise<Record<string, number[]>> {
  const tensors = Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [name, tf.scalar(value)]),
  );
  const outputs = await step(tensors);
  const values: Record<string, number[]> = {};
  for (const [name, output] of Object.entries(outputs)) {
    values[name] = [...await output.data()];
  }
  tf.dispose([tensors, outputs]);
  return values;
}

Deno.test("compile() carries variables from call to call", async () => {
  const before = engine.memory();
  const count = variable([0, 10]);
  const untouched = variable([1, 1]);
  const step = compile(({ by }: tf.NamedTensorMap) => {
    const old = tf.clone(count); // the value at the start
    count.assign(tf.add(count, tf.mul(by, untouched)));
    const middle = tf.clone(count);
    count.assign(tf.mul(count, 2));
    return { old, middle };
  });
  assert.deepEqual(await run(step, { by: 1 }), {
    old: [0, 10],
    middle: [1, 11],
  });
  assert.deepEqual([...await count.data()], [2, 22]);
  assert.deepEqual(await run(step, { by: 3 }), {
    old: [2, 22],
    middle: [5, 25],
  });
  assert.deepEqual([...await count.data()], [10, 50]);
  assert.deepEqual([...await untouched.data()], [1, 1]);
  step.dispose();
  tf.dispose([count, untouched]);
  assert.deepEqual(engine.memory(), before);
});

Deno.test("compile() sees what was assigned to a variable between calls", async () => {
  const weight = variable([1]);
  const step = compile(() => ({ y: tf.mul(weight, 3) }));
  assert.deepEqual(await run(step), { y: [3] });
  tf.tidy(() => weight.assign(tf.tensor([5])));
  assert.deepEqual(await run(step), { y: [15] });
  step.dispose();
  weight.dispose();
});

Deno.test("compile() runs calls one after another, also of different steps", async () => {
  const state = variable([1]);
  const add = compile(() => {
    state.assign(tf.add(state, 1));
    return {};
  });
  const double = compile(() => {
    state.assign(tf.mul(state, 2));
    return {};
  });
  await Promise.all([add({}), double({}), add({}), double({}), double({})]);
  assert.deepEqual([...await state.data()], [((1 + 1) * 2 + 1) * 2 * 2]);
  for (const disposable of [add, double, state]) disposable.dispose();
});

Deno.test("compile() tells variables apart that share a tensor", async () => {
  const before = engine.memory();
  const initial = tf.tensor([1, 2]);
  const student = tf.variable(initial);
  const average = tf.variable(student); // tfjs shares the tensor of all three
  const copy = tf.clone(student);
  const step = compile(() => {
    student.assign(tf.add(student, 1));
    average.assign(tf.add(tf.mul(average, 0.5), tf.mul(student, 0.5)));
    return { start: tf.add(initial, 0), copied: tf.add(copy, 0) };
  });
  for (let call = 0; call < 2; call++) {
    assert.deepEqual(await run(step), { start: [1, 2], copied: [1, 2] });
  }
  assert.deepEqual([...await student.data()], [3, 4]);
  assert.deepEqual([...await average.data()], [2.25, 3.25]);
  assert.deepEqual([...await initial.data()], [1, 2]);
  assert.deepEqual([...await copy.data()], [1, 2]);
  step.dispose();
  tf.dispose([initial, student, average, copy]);
  assert.deepEqual(engine.memory(), before);
});

Deno.test("compile() leaves a clone of a variable as it was", async () => {
  const state = variable([1]);
  const step = compile(() => {
    state.assign(tf.add(state, 1));
    return {};
  });
  await step({});
  const snapshot = tf.clone(state);
  await step({});
  assert.deepEqual([...await snapshot.data()], [2]);
  assert.deepEqual([...await state.data()], [3]);
  step.dispose();
  tf.dispose([state, snapshot]);
});

Deno.test("compile() trains as the plain step does, with gradients and momentum", async () => {
  const before = engine.memory();
  const make = () => ({
    weight: variable([0.5, -1]),
    moment: variable([0, 0]),
  });
  type State = ReturnType<typeof make>;
  const stepOf =
    ({ weight, moment }: State) => ({ x, rate }: tf.NamedTensorMap) => {
      const { value, grads } = tf.variableGrads(
        () => tf.mean(tf.square(tf.sub(tf.mul(weight, x), 3))) as tf.Scalar,
        [weight],
      );
      moment.assign(tf.add(tf.mul(moment, 0.9), grads[weight.name]));
      weight.assign(tf.sub(weight, tf.mul(rate, moment)));
      return { loss: value };
    };
  const [plain, recorded] = [make(), make()];
  const step = compile(stepOf(recorded));
  for (let i = 0; i < 5; i++) {
    const inputs = { x: tf.tensor([2, 3 + i]), rate: tf.scalar(0.1 / (i + 1)) };
    const expected = tf.tidy(() => stepOf(plain)(inputs));
    const actual = await step(inputs);
    for (
      const [a, e] of [
        [actual.loss, expected.loss],
        [recorded.weight, plain.weight],
        [recorded.moment, plain.moment],
      ]
    ) {
      const [values, wanted] = [await a.data(), await e.data()];
      values.forEach((value, j) =>
        assert.ok(Math.abs(value - wanted[j]) <= 1e-5 * Math.abs(wanted[j]))
      );
    }
    tf.dispose([inputs, expected, actual]);
  }
  assert.equal(step.statistics.recordings, 1); // the rate is an input
  step.dispose();
  tf.dispose([plain, recorded]);
  assert.deepEqual(engine.memory(), before);
});

Deno.test("compile() names a variable that was disposed between calls, and the engine goes on", async () => {
  const gone = tf.tidy(() => tf.variable(tf.scalar(1), true, "backbone.gone"));
  const step = compile(() => ({ y: tf.add(gone, 1) }), { name: "student" });
  assert.deepEqual(await run(step), { y: [2] });
  gone.dispose();
  await assert.rejects(
    step({}),
    /Cannot run step 'student': its variable 'backbone.gone' was disposed/,
  );
  step.dispose();
  const other = compile(({ x }: tf.NamedTensorMap) => ({ y: tf.add(x, 1) }));
  assert.deepEqual(await run(other, { x: 1 }), { y: [2] });
  other.dispose();
});

Deno.test("compile() leaves no tensor or handle behind in 50 replays", async () => {
  const state = variable(new Array(100).fill(1));
  const step = compile(({ x }: tf.NamedTensorMap) => {
    state.assign(tf.add(tf.mul(state, 0.9), x));
    return { sum: tf.sum(state) };
  });
  await run(step, { x: 1 });
  const before = engine.memory();
  for (let i = 0; i < 50; i++) await run(step, { x: i });
  assert.deepEqual(engine.memory(), before);
  assert.equal(step.statistics.replays, 51);
  step.dispose();
  state.dispose();
});
