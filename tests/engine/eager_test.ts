import * as tf from "@tensorflow/tfjs-core";
import { openEngine } from "ldlab/engine/mod.ts";
import assert from "node:assert/strict";
import { assertClose } from "../golden.ts";
import { caseInputs, opCases, runCase } from "./op_cases.ts";

// tfjs's own JavaScript kernels are the independent source of every number.
const script = await openEngine({ backend: "cpu" });
const expected = new Map(
  Object.entries(opCases).map(([name, opCase]) => [
    name,
    tf.tidy(() =>
      runCase(opCase, caseInputs(opCase)).map((t) => ({
        shape: t.shape,
        values: t.dataSync(),
      }))
    ),
  ]),
);
script.close();
const engine = await openEngine({ backend: "tensorflow" });

for (const [name, opCase] of Object.entries(opCases)) {
  Deno.test(`TensorFlow equals tfjs's JavaScript: ${name}`, async () => {
    const before = engine.memory();
    const outputs = tf.tidy(() => runCase(opCase, caseInputs(opCase)));
    for (const [i, output] of outputs.entries()) {
      const { shape, values } = expected.get(name)![i];
      assert.deepEqual(output.shape, shape);
      const what = `output ${i}`;
      assertClose(await output.data(), values, { ofLargest: 2e-6 }, what);
    }
    tf.dispose(outputs);
    assert.deepEqual(engine.memory(), before);
  });
}

Deno.test("TensorFlow holds every type of tfjs", async () => {
  const values = {
    float32: [1.5, -2],
    int32: [7, -8],
    bool: [1, 0],
  } as const;
  for (const [dtype, data] of Object.entries(values)) {
    const tensor = tf.tensor1d([...data], dtype as "float32");
    const copy = tf.concat([tensor, tensor]); // through TensorFlow
    assert.deepEqual([...await copy.data()], [...data, ...data]);
    assert.equal(copy.dtype, dtype);
    tf.dispose([tensor, copy]);
  }
  const texts = tf.tensor1d(["a", "", "é".repeat(40)]);
  const both = tf.concat([texts, texts]);
  const once = ["a", "", "é".repeat(40)];
  assert.deepEqual(await both.array(), [...once, ...once]);
  const complex = tf.complex([1, 2], [3, 4]);
  assert.deepEqual([...await complex.data()], [1, 3, 2, 4]);
  const empty = tf.tensor2d([], [0, 3]);
  const doubled = tf.mul(empty, 2);
  assert.deepEqual([...await doubled.data()], []);
  assert.deepEqual(doubled.shape, [0, 3]);
  tf.dispose([texts, both, complex, empty, doubled]);
});

Deno.test("strings from the host leave no memory behind", () => {
  const long = new Uint8Array(1_000_000).fill(65) as unknown as string;
  const copies = (count: number) => {
    for (let i = 0; i < count; i++) {
      tf.tidy(() => {
        tf.concat([tf.tensor([long], [1], "string"), tf.tensor1d(["a"])]);
      });
    }
  };
  copies(500);
  const before = Deno.memoryUsage().rss;
  copies(1000);
  const grown = Deno.memoryUsage().rss - before;
  // JavaScript's own garbage may wait for collection.
  assert.ok(grown < 500_000_000, `1000 strings of 1 MB left ${grown} bytes`);
});

Deno.test("TensorFlow's int64 outputs arrive as int32", async () => {
  const condition = tf.tensor1d([0, 1, 0, 1], "bool");
  const where = await tf.whereAsync(condition);
  assert.equal(where.dtype, "int32");
  const twice = tf.mul(where, tf.scalar(2, "int32"));
  assert.deepEqual(await twice.array(), [[2], [6]]);
  tf.dispose([condition, where, twice]);
});

Deno.test("gather() refuses an index out of range and the engine goes on", () => {
  tf.tidy(() => {
    const x = tf.tensor1d([1, 2, 3]);
    assert.throws(
      () => tf.gather(x, tf.tensor1d([3], "int32")),
      /Cannot run GatherV2 on \[3\], \[1\], \[\]: .*3 is not in \[0, 3\)/,
    );
    assert.deepEqual(tf.add(x, 1).arraySync(), [2, 3, 4]);
  });
});

Deno.test("a tensor may be disposed while its values are read", async () => {
  const before = engine.memory();
  const x = tf.add([1, 2, 3], 1);
  const values = x.data();
  x.dispose();
  assert.deepEqual([...await values], [2, 3, 4]);
  assert.deepEqual(engine.memory(), before);
});

Deno.test("reading a disposed tensor is an error", async () => {
  const x = tf.add([1], 1);
  const { dataId } = x;
  x.dispose();
  await assert.rejects(
    async () => await tf.backend().read(dataId),
    /Cannot read tensor: it was disposed/,
  );
});

Deno.test("thousands of eager ops leave no handle behind", () => {
  const before = engine.memory();
  const x = tf.tensor1d([1, 2, 3]);
  for (let i = 0; i < 2000; i++) {
    tf.dispose(tf.tidy(() => tf.sum(tf.mul(tf.concat([x, x]), 2))));
  }
  x.dispose();
  assert.deepEqual(engine.memory(), before);
});
