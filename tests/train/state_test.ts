import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { readState, restoreState } from "ldlab/train/state.ts";

await tf.setBackend("cpu");

const network = (shapes: Record<string, number[]>) =>
  new Map(
    Object.entries(shapes).map(([name, shape], i) => [
      name,
      tf.variable(tf.fill(shape, i + 1)),
    ]),
  );

Deno.test("restoreState() names the first mismatch and changes nothing", async () => {
  const saved = await readState(
    network({ stem: [2], conv: [3, 4], head: [5] }),
  );
  const cases: [Record<string, number[]>, RegExp][] = [
    [
      { stem: [2], conv: [3, 8], head: [6] },
      /another architecture: 'conv' is float32 \[3,8\] here and float32 \[3,4\] in it/,
    ],
    [{ stem: [2], neck: [1] }, /'neck' \[1\] is missing in it/],
    [{ stem: [2], conv: [3, 4] }, /its 'head' \[5\] does not exist here/],
  ];
  for (const [shapes, message] of cases) {
    const other = network(shapes);
    other.get("stem")!.assign(tf.tensor1d([7, 7]));
    assert.throws(
      () => restoreState(other, saved, "run/checkpoint"),
      (error) => {
        assert.ok(error instanceof TypeError);
        assert.match(error.message, /run\/checkpoint/);
        assert.match(error.message, message);
        return true;
      },
    );
    assert.deepEqual([...await other.get("stem")!.data()], [7, 7]);
  }
});

Deno.test("restoreState() gives back every bit and leaves no tensor behind", async () => {
  const values = new Float32Array([NaN, -0, Infinity, 1e-45, 0.1]);
  const state = new Map([["w", tf.variable(tf.tensor1d(values))]]);
  const saved = await readState(state);
  const before = tf.memory().numTensors;
  state.get("w")!.assign(tf.zeros([5]));
  restoreState(state, saved, "memory");
  assert.equal(tf.memory().numTensors, before + 1); // the zeros above
  assert.deepEqual(await state.get("w")!.data(), values);
});
