import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { TF } from "ldlab/engine/data_types.ts";
import { compile, openEngine } from "ldlab/engine/mod.ts";
import { optimizedGraphs } from "ldlab/engine/optimized_graph.ts";
import { currentSession } from "ldlab/engine/session.ts";
import { deformableConv } from "ldlab/nn/deformable_conv.ts";
import { normal } from "ldlab/nn/initializers.ts";
import { openScope } from "ldlab/nn/scope.ts";

await openEngine({ backend: "tensorflow", optimize: true });
// TensorFlow computes in bfloat16 on any processor, if slowly.
currentSession()!.missingForBfloat16 = undefined;

Deno.test("deformableConv() in bfloat16 has its convolutions in it, and samples in float32", async () => {
  const { scope, variables: { parameters } } = openScope({ seed: 1 });
  const layer = deformableConv(scope, {
    inChannels: 8,
    outChannels: 8,
    kernel: 3,
    modulated: true,
    weight: normal(0.1),
  });
  const step = compile(({ x }: { x: tf.Tensor4D }) => {
    const gradient = tf.grad((x) => tf.square(layer(x as tf.Tensor4D)));
    return { gradient: gradient(x) };
  }, { precision: "bfloat16" });
  const x = tf.ones<tf.Rank.R4>([2, 6, 7, 8]);
  const graphs = await optimizedGraphs(() => step({ x }));
  const nodes = graphs.flat();
  const narrow = nodes.filter(({ types }) =>
    Object.values(types).includes(TF.BFLOAT16)
  ).map(({ op }) => op);
  const of = (pattern: RegExp) => nodes.filter(({ op }) => pattern.test(op));
  // Of the offsets and of the samples, with the gradient of what each is made of.
  assert.equal(of(/Conv2D/).length, 4);
  assert.equal(narrow.filter((op) => op.includes("Conv2D")).length, 4);
  assert.equal(of(/MatMul/).length, 0);
  assert.equal(of(/GatherV2/).length, 4);
  assert.ok(of(/ScatterNd/).length >= 4);
  const others = narrow.filter((op) =>
    !/Conv2D|^(Cast|Reshape|_Arg|_Retval)$/.test(op)
  );
  assert.deepEqual(others, []);
  step.dispose();
  tf.dispose([x, ...parameters.values()]);
});
