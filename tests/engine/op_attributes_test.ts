import * as tf from "@tensorflow/tfjs-core";
import { compile, openEngine } from "ldlab/engine/mod.ts";
import { cString } from "ldlab/engine/c_api.ts";
import { findTensorflow } from "ldlab/engine/find_tensorflow.ts";
import { withNative } from "ldlab/engine/host_values.ts";
import { attributeSetter } from "ldlab/engine/op_attributes.ts";
import { currentSession } from "ldlab/engine/session.ts";
import { Status } from "ldlab/engine/status.ts";
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

/** A `tensorflow.Example` with lists of floats by name, serialized. */
function example(features: Record<string, number[]>): Uint8Array {
  const text = new TextEncoder();
  const field = (number: number, bytes: Iterable<number>) => {
    const content = [...bytes];
    return [number * 8 + 2, content.length, ...content];
  };
  return Uint8Array.from(field(
    1,
    Object.entries(features).flatMap(([name, values]) => {
      const floats = new Uint8Array(Float32Array.from(values).buffer);
      const feature = field(2, field(1, floats));
      return field(1, [...field(1, text.encode(name)), ...field(2, feature)]);
    }),
  ));
}

Deno.test("an op takes lists of strings, of types and of shapes, and gives several outputs", async () => {
  const bytes = example({ box: [1, 2, 3, 4], score: [0.5] });
  await gives(
    (x) =>
      op(
        "ParseSingleExample",
        {
          num_sparse: 0,
          sparse_keys: [],
          dense_keys: ["score", "box"],
          sparse_types: [],
          dense_shapes: [[], [2, 2]],
        },
        [x, tf.scalar(0), tf.zeros([0])],
        2,
      ),
    tf.tensor([bytes as unknown as string], [], "string"),
    [[0.5], [1, 2, 3, 4]],
  );
});

Deno.test("an op takes a tensor", async () => {
  const { api } = currentSession()!.runtime;
  await gives(
    (x) =>
      withNative(
        api,
        FLOAT,
        [2],
        Float32Array.of(5, 6),
        (value) => [tf.add(op("Const", { dtype: FLOAT, value }, [])[0], x)],
      ),
    tf.scalar(1),
    [[6, 7]],
  );
});

Deno.test("an attribute that is a list of booleans arrives as it was given", () => {
  // No op of TensorFlow 2.21 has such; a name with `_` needs no definition.
  const { api } = currentSession()!.runtime;
  const { symbols } = Deno.dlopen(findTensorflow(), {
    TF_OperationGetAttrBoolList: {
      parameters: ["pointer", "buffer", "buffer", "i32", "pointer"],
      result: "void",
    },
  });
  const status = new Status(api);
  const graph = api.TF_NewGraph();
  const node = api.TF_NewOperation(graph, cString("NoOp"), cString("node"))!;
  const definition = {
    name: "NoOp",
    inputs: [],
    stateful: false,
    attributes: new Map([["_flags", "list(bool)"]]),
    inferred: new Set<string>(),
  };
  const set = attributeSetter(api, "graph", status.pointer);
  set(node, definition, { name: "_flags", value: [true, false, true] });
  const operation = api.TF_FinishOperation(node, status.pointer);
  status.check("add a node");
  const flags = new Uint8Array(3);
  const name = cString("_flags");
  symbols.TF_OperationGetAttrBoolList(
    operation,
    name,
    flags,
    3,
    status.pointer,
  );
  status.check("read an attribute");
  assert.deepEqual([...flags], [1, 0, 1]);
  api.TF_DeleteGraph(graph);
  status.delete();
});

Deno.test("an op that calls functions is refused, at once and recorded", async () => {
  const call = (x: tf.Tensor) =>
    op("PartitionedCall", { Tin: [FLOAT], Tout: [FLOAT], f: "mine" }, [x]);
  const x = tf.ones([2]);
  const message =
    /attribute 'f' of PartitionedCall: it is of kind func, and ops that call functions cannot be run/;
  assert.throws(() => call(x), { name: "TypeError", message });
  const step = compile(({ x }: tf.NamedTensorMap) => ({ y: call(x)[0] }));
  await assert.rejects(step({ x }), { name: "TypeError", message });
  x.dispose();
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
