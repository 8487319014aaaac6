import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { TF } from "ldlab/engine/data_types.ts";
import { compile, openEngine } from "ldlab/engine/mod.ts";
import { optimizedGraphs } from "ldlab/engine/optimized_graph.ts";
import { currentSession } from "ldlab/engine/session.ts";

const engine = await openEngine({ backend: "tensorflow" });

const product = ({ x }: tf.NamedTensorMap) => ({
  y: tf.relu(tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D)),
});

Deno.test("optimizedGraphs() tells ops, inputs and types of steps that are new", async () => {
  const before = engine.memory();
  const [known, added] = [compile(product), compile(product)];
  const inputs = { x: tf.ones([2, 2]) };
  tf.dispose(await known(inputs));
  const graphs = await optimizedGraphs(async () => {
    tf.dispose([await known(inputs), await added(inputs)]);
  });
  assert.equal(graphs.length, 1);
  const [nodes] = graphs;
  const argument = nodes.find(({ op }) => op === "_Arg")!;
  const matMul = nodes.find(({ op }) => op === "BatchMatMulV2")!;
  assert.deepEqual(matMul.inputs, [argument.name, argument.name]);
  assert.deepEqual(matMul.types, { T: TF.FLOAT });
  const relu = nodes.find(({ op }) => op === "Relu")!;
  assert.deepEqual(relu.inputs, [matMul.name]);
  known.dispose();
  added.dispose();
  inputs.x.dispose();
  assert.deepEqual(engine.memory(), before);
});

Deno.test("optimizedGraphs() follows the session to a new context", async () => {
  const session = currentSession()!;
  const inputs = { x: tf.ones([2, 2]) };
  const { context } = session.runtime;
  // Recorded and freed often enough that the context is due to be renewed.
  const heavy = compile(({ x }: tf.NamedTensorMap) => {
    for (let i = 0; i < 1500; i++) x = tf.add(x, x);
    return { x };
  }, { signatures: 1 });
  for (let i = 0; i < 4; i++) {
    tf.dispose(await heavy(inputs));
    heavy.dispose();
  }
  const step = compile(product);
  const graphs = await optimizedGraphs(async () => {
    tf.dispose(await step(inputs));
  });
  assert.notEqual(session.runtime.context, context);
  assert.equal(graphs.length, 1);
  step.dispose();
  inputs.x.dispose();
});

Deno.test("optimizedGraphs() fails where no engine is open on TensorFlow", async () => {
  const closed = currentSession();
  await engine.close();
  assert.notEqual(closed, null);
  await assert.rejects(
    optimizedGraphs(() => Promise.resolve()),
    /the engine does not run on TensorFlow/,
  );
});
