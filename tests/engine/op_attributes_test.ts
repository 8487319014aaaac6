import * as tf from "@tensorflow/tfjs-core";
import { compile, openEngine } from "ldlab/engine/mod.ts";
import type { NodeBackend } from "ldlab/engine/tfjs_node.ts";
import assert from "node:assert/strict";

await openEngine({ backend: "tensorflow" });

const FLOAT = 1;
const INT32 = 3;

type Attributes = Record<string, unknown>;

/** Runs an op of TensorFlow itself. */
function op(
  name: string,
  attributes: Attributes,
  inputs: tf.TensorInfo[],
  outputCount = 1,
): tf.Tensor[] {
  const list = Object.entries(attributes).map(([name, value]) => ({
    name,
    value,
  }));
  return (tf.backend() as NodeBackend)
    .executeMultipleOutputs(name, list, inputs, outputCount);
}

/** Fails unless the op gives these values, both at once and recorded. */
async function gives(
  run: (x: tf.Tensor) => tf.Tensor[],
  x: tf.Tensor,
  expected: number[][],
): Promise<void> {
  const step = compile(({ x }: tf.NamedTensorMap) =>
    Object.fromEntries(run(x).map((output, i) => [`output${i}`, output]))
  );
  for (const outputs of [tf.tidy(() => run(x)), await step({ x })]) {
    const values = await Promise.all(
      Object.values(outputs).map(async (t) => [...await t.data()]),
    );
    assert.deepEqual(values, expected);
    tf.dispose(outputs);
  }
  step.dispose();
  x.dispose();
}

Deno.test("an op takes a list of floats", async () => {
  await gives(
    (x) => op("Bucketize", { boundaries: [0, 1.5, 10] }, [x]),
    tf.tensor1d([-5, 1, 2, 99]),
    [[0, 1, 2, 3]],
  );
});

Deno.test("an op takes a shape, also partly unknown", async () => {
  for (const shape of [[2, 2], [-1, 2]]) {
    await gives(
      (x) => op("EnsureShape", { shape }, [x]),
      tf.tensor2d([[1, 2], [3, 4]]),
      [[1, 2, 3, 4]],
    );
  }
  tf.tidy(() =>
    assert.throws(
      () => op("EnsureShape", { shape: [-1, 3] }, [tf.ones([2, 2])]),
      /Cannot run EnsureShape on \[2,2\]: .*\[\?,3\]/,
    )
  );
});

Deno.test("an op takes and gives a list of tensors of different types", async () => {
  await gives(
    (x) => op("IdentityN", {}, [x, tf.scalar(7, "int32"), x], 3),
    tf.tensor1d([1, 2]),
    [[1, 2], [7], [1, 2]],
  );
});

Deno.test("an op takes two lists of tensors", async () => {
  // N places and N parts to put there.
  await gives(
    (x) =>
      op("DynamicStitch", { N: 2 }, [
        tf.tensor1d([0, 2], "int32"),
        tf.tensor1d([1], "int32"),
        x,
        tf.tensor1d([9]),
      ]),
    tf.tensor1d([5, 6]),
    [[5, 9, 6]],
  );
});

Deno.test("an op takes a string", async () => {
  await gives(
    (x) => op("Cumsum", { exclusive: true }, [x, tf.scalar(0, "int32")]),
    tf.tensor1d([1, 2, 3]),
    [[0, 1, 3]],
  );
  await gives(
    (x) =>
      op("MirrorPad", { mode: "REFLECT" }, [
        x,
        tf.tensor2d([[1, 1]], [1, 2], "int32"),
      ]),
    tf.tensor1d([1, 2, 3]),
    [[2, 1, 2, 3, 2]],
  );
});

Deno.test("tf.multinomial() draws, though its seed is a fraction", async () => {
  const drawn = tf.tidy(() => tf.multinomial(tf.tensor1d([-999, 0, -999]), 50));
  assert.deepEqual([...await drawn.data()], new Array(50).fill(1));
  drawn.dispose();
});

Deno.test("an op takes lists of types and of shapes", async () => {
  const [queue] = op("FIFOQueueV2", {
    component_types: [FLOAT, INT32],
    shapes: [[2], []],
  }, []);
  const pair = [tf.tensor1d([1, 2]), tf.scalar(3, "int32")];
  op("QueueEnqueueV2", {}, [queue, ...pair], 0);
  const outputs = op(
    "QueueDequeueV2",
    { component_types: [FLOAT, INT32] },
    [queue],
    2,
  );
  assert.deepEqual([...await outputs[0].data()], [1, 2]);
  assert.deepEqual([...await outputs[1].data()], [3]);
  tf.dispose([queue, pair, outputs]);
});

Deno.test("an unknown op, attribute or number of inputs is named", () => {
  tf.tidy(() => {
    const x = tf.ones([2]);
    assert.throws(
      () => op("Conv9D", {}, [x]),
      { name: "TypeError", message: /TensorFlow has no op 'Conv9D'/ },
    );
    assert.throws(
      () => op("Cumsum", { exclusiv: true }, [x, tf.scalar(0, "int32")]),
      {
        name: "TypeError",
        message:
          /attribute 'exclusiv' of Cumsum: there is none, only exclusive, rev/,
      },
    );
    assert.throws(
      () => op("Multinomial", { seed: NaN }, [x, tf.scalar(1, "int32")]),
      { name: "TypeError", message: /attribute 'seed' of Multinomial: .*NaN/ },
    );
    assert.throws(
      () => op("Cumsum", {}, [x]),
      { name: "TypeError", message: /takes \(x, axis\).*inputs is 1/ },
    );
    assert.throws(
      () => op("DynamicStitch", {}, [x, x]),
      { name: "TypeError", message: /takes \(indices…, data…\)/ },
    );
  });
});
