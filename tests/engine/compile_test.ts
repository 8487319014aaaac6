import * as tf from "@tensorflow/tfjs-core";
import { compile, openEngine } from "ldlab/engine/mod.ts";
import { activeBackend } from "ldlab/engine/tensorflow_backend.ts";
import assert from "node:assert/strict";
import { assertClose } from "../golden.ts";
import { tensorOf, valuesOf } from "./deterministic_values.ts";
import { caseInputs, opCases, runCase } from "./op_cases.ts";
import { stepRules } from "./step_rules.ts";

const engine = await openEngine({ backend: "tensorflow" });

for (const [name, opCase] of Object.entries(opCases)) {
  Deno.test(`compile() replays what runs eagerly: ${name}`, async () => {
    const before = engine.memory();
    const inputs = Object.fromEntries(
      caseInputs(opCase).map((tensor, i) => [`input${i}`, tensor]),
    );
    const expected = tf.tidy(() => runCase(opCase, Object.values(inputs)));
    const compiled = compile((inputs: tf.NamedTensorMap) =>
      Object.fromEntries(
        runCase(opCase, Object.values(inputs)).map((t, i) => [`o${i}`, t]),
      ), { check: true });
    for (let call = 0; call < 2; call++) {
      const outputs = Object.values(await compiled(inputs));
      assert.equal(outputs.length, expected.length);
      for (const [i, output] of outputs.entries()) {
        assert.equal(output.dtype, expected[i].dtype);
        assert.deepEqual(output.shape, expected[i].shape);
        const values = await expected[i].data();
        const what = `output ${i}`;
        assertClose(await output.data(), values, { ofLargest: 1e-6 }, what);
      }
      tf.dispose(outputs);
    }
    assert.deepEqual({ ...compiled.statistics, nodes: 0 }, {
      recordings: 1,
      nodes: 0,
      replays: 2,
    });
    compiled.dispose();
    tf.dispose([inputs, expected]);
    assert.deepEqual(engine.memory(), before);
  });
}

for (const [rule, follow] of Object.entries(stepRules)) {
  Deno.test(`compile() ${rule}`, async () => {
    const before = engine.memory();
    await follow();
    assert.deepEqual(engine.memory(), before);
  });
}

Deno.test("compile() records once per signature and evicts the oldest", async () => {
  const before = engine.memory();
  const double = compile(({ x }: { x: tf.Tensor }) => ({ y: tf.mul(x, 2) }), {
    signatures: 2,
  });
  const recordingsAfter = async (length: number, dtype?: "int32") => {
    const x = tf.fill([length], 3, dtype);
    const { y } = await double({ x });
    assert.deepEqual([...await y.data()], new Array(length).fill(6));
    tf.dispose([x, y]);
    return double.statistics.recordings;
  };
  assert.equal(await recordingsAfter(1), 1);
  assert.equal(await recordingsAfter(2), 2);
  assert.equal(await recordingsAfter(1), 2);
  assert.equal(await recordingsAfter(3), 3); // evicts length 2
  assert.equal(await recordingsAfter(1), 3);
  assert.equal(await recordingsAfter(2), 4);
  assert.equal(await recordingsAfter(2, "int32"), 5);
  double.dispose();
  assert.equal(await recordingsAfter(2), 6);
  double.dispose();
  assert.deepEqual(engine.memory(), before);
});

Deno.test("compile() takes the same inputs in any order as one signature", async () => {
  const step = compile((inputs: tf.NamedTensorMap) => ({
    difference: tf.sub(inputs.a, inputs.b),
  }));
  const [a, b] = [tf.scalar(5), tf.scalar(3)];
  const outputs = [await step({ a, b }), await step({ b, a })];
  for (const { difference } of outputs) {
    assert.deepEqual([...await difference.data()], [2]);
  }
  assert.equal(step.statistics.recordings, 1);
  step.dispose();
  tf.dispose([a, b, outputs]);
});

Deno.test("compile() captures tensors older than the recording, also lazy and large ones", async () => {
  const before = engine.memory();
  const lazy = tf.tensor1d([1, 2, 3]); // its values still wait on the host
  const used = tf.mul(lazy, 10);
  const large = tensorOf([30_000], 1); // 120 kB
  const step = compile(({ x }: { x: tf.Tensor }) => ({
    small: tf.add(tf.add(x, lazy), used),
    large: tf.add(large, tf.sum(x)),
    inside: tf.add(tensorOf([30_000], 2), tf.sum(x)), // too large for a constant
  }));
  const x = tf.tensor1d([1, 1, 1]);
  const first = await step({ x });
  assert.deepEqual([...await first.small.data()], [12, 23, 34]);
  tf.dispose(first);
  // The recording keeps what it captured.
  const expected = [1, 2].map((seed) =>
    valuesOf(30_000, seed).map((v) => v + 3)
  );
  tf.dispose([lazy, used, large]);
  const second = await step({ x });
  assert.deepEqual([...await second.small.data()], [12, 23, 34]);
  assert.deepEqual(await second.large.data(), expected[0]);
  assert.deepEqual(await second.inside.data(), expected[1]);
  tf.dispose([x, second]);
  step.dispose();
  assert.deepEqual(engine.memory(), before);
});

Deno.test("compile() makes uniform arrays into Fill and shares small constants", async () => {
  const nodesOf = async (step: (x: tf.Tensor) => tf.Tensor) => {
    const compiled = compile(({ x }: { x: tf.Tensor }) => ({ y: step(x) }));
    const x = tf.zeros([1]);
    const { y } = await compiled({ x });
    const result = [...await y.data()];
    tf.dispose([x, y]);
    compiled.dispose();
    return { nodes: compiled.statistics.nodes, sum: result[0] };
  };
  // Placeholder, Sum, its axis, Fill, its shape and value, Add.
  assert.deepEqual(
    await nodesOf((x) => tf.add(x, tf.sum(tf.ones([100_000])))),
    { nodes: 7, sum: 100_000 },
  );
  // Placeholder, one constant for all, 10 sums.
  const { nodes } = await nodesOf((x) => {
    for (let i = 0; i < 10; i++) x = tf.add(x, 0.5);
    return x;
  });
  assert.equal(nodes, 12);
  // -0 is no 0: TensorFlow must see its sign.
  const zeros = new Float32Array(64);
  zeros[5] = -0;
  const { sum } = await nodesOf((x) =>
    tf.add(x, tf.min(tf.div(1, tf.tensor1d(zeros))))
  );
  assert.equal(sum, -Infinity);
});

Deno.test("compile() draws random numbers that follow from a seed among the inputs", async () => {
  const step = compile(({ seed }: tf.NamedTensorMap) => ({
    y: activeBackend().executeSingleOutput("StatelessRandomUniform", [], [
      tf.tensor1d([100], "int32"),
      seed,
    ]),
  }), { check: true });
  const drawn = async (a: number, b: number) => {
    const seed = tf.tensor1d([a, b], "int32");
    const { y } = await step({ seed });
    const values = [...await y.data()];
    tf.dispose([seed, y]);
    return values;
  };
  const first = await drawn(1, 2);
  assert.deepEqual(await drawn(1, 2), first);
  assert.notDeepEqual(await drawn(1, 3), first);
  assert.equal(step.statistics.recordings, 1);
  // Uniform in [0, 1): the mean of 100 is within 5 deviations of 0.0289.
  const mean = first.reduce((sum, value) => sum + value) / 100;
  assert.ok(Math.abs(mean - 0.5) < 0.145, `mean ${mean}`);
  step.dispose();
});

Deno.test("a compiled step may be disposed while it runs", async () => {
  const before = engine.memory();
  const large = tf.tidy(() => tf.add(tensorOf([200, 200], 1), 0));
  const step = compile(({ x }: tf.NamedTensorMap) => ({
    y: tf.matMul(tf.matMul(large as tf.Tensor2D, x as tf.Tensor2D), x),
  }));
  const x = tf.tidy(() => tf.add(tf.eye(200), 0));
  const running = [step({ x }), step({ x })];
  await Promise.resolve(); // the first is on its way
  step.dispose();
  x.dispose();
  for (const { y } of await Promise.all(running)) {
    assert.deepEqual(await y.data(), large.dataSync());
    y.dispose();
  }
  step.dispose();
  large.dispose();
  assert.deepEqual(engine.memory(), before);
});

Deno.test("a compiled step disposed with calls waiting frees what these record", async () => {
  const before = engine.memory();
  const large = tf.tidy(() => tf.add(tensorOf([100], 1), 0));
  const step = compile(({ x }: tf.NamedTensorMap) => ({ y: tf.add(x, large) }));
  const x = tf.tidy(() => tf.add(1, 0));
  const calls = [step({ x }), step({ x })]; // not yet recorded
  step.dispose();
  tf.dispose(await Promise.all(calls));
  await Promise.resolve();
  tf.dispose([x, large]);
  assert.deepEqual(engine.memory(), before);
  assert.equal(step.statistics.recordings, 1);
});

Deno.test("compile() refuses a cache without room", () => {
  const step = ({ x }: { x: tf.Tensor }) => ({ x });
  assert.throws(() => compile(step, { signatures: 0 }), RangeError);
});
