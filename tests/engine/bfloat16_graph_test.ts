import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { createTrainingBatches } from "ldlab/data/training_batches.ts";
import { PRESETS } from "ldlab/distill/presets.ts";
import { termNeeds } from "ldlab/distill/term_needs.ts";
import { TF } from "ldlab/engine/data_types.ts";
import { compile, openEngine, type Precision } from "ldlab/engine/mod.ts";
import {
  type GraphNode,
  optimizedGraphs,
} from "ldlab/engine/optimized_graph.ts";
import { currentSession } from "ldlab/engine/session.ts";
import { sgd } from "ldlab/train/sgd.ts";
import { makeTrainStep } from "ldlab/train/step.ts";
import { liveTeacher } from "ldlab/train/teacher.ts";
import { data, tinyDetector } from "../train/tiny_detector.ts";
import { tensorOf } from "./deterministic_values.ts";

const engine = await openEngine({ backend: "tensorflow", optimize: true });
// TensorFlow computes in bfloat16 on any processor, if slowly.
currentSession()!.missingForBfloat16 = undefined;

/** Convolutions and products, by their names before and after TensorFlow fused them. */
const PRODUCT = /Conv2D|MatMul/;
/**
 * What may follow them in bfloat16, what turns one type into the other or changes
 * no value, and arguments: weights that were converted before, as they seldom
 * change.
 */
const FOLLOWER =
  /^(_Arg|Cast|Reshape|Add|AddV2|Relu|ReluGrad|_?FusedBatchNorm(V3|GradV3|Ex|GradEx)|Identity)$/;

Deno.test("compile() in bfloat16 runs a distillation step's products in it and nothing else that matters, on the optimized graph", async () => {
  const before = engine.memory();
  for (const precision of ["bfloat16", "float32"] as const) {
    const [taught, trained] = await distillationGraphs(precision);
    for (const nodes of [taught, trained]) {
      const products = nodes.filter(({ op }) => PRODUCT.test(op));
      assert.ok(products.length > 30, `${products.length} products`);
      const expected = precision === "bfloat16" ? TF.BFLOAT16 : TF.FLOAT;
      for (const { op, name, types } of products) {
        assert.equal(types.T, expected, `${op} ${name}`);
        assert.match(op, /Conv2D/, "the losses have no products to be rounded");
      }
      const others = nodes.filter((node) =>
        !PRODUCT.test(node.op) && isBfloat16(node)
      );
      if (precision === "float32") assert.deepEqual(others, []);
      const wrong = others.filter(({ op }) => !FOLLOWER.test(op));
      assert.deepEqual(wrong, [], "other ops in bfloat16");
      // Parameters and statistics of batch norms.
      const norms = nodes.filter(({ op }) => op.includes("FusedBatchNorm"));
      if (nodes === trained) { // the teacher's were fused with its convolutions
        assert.ok(norms.length >= 20, `${norms.length} batch norms`);
      }
      for (const { types } of norms) assert.equal(types.U, TF.FLOAT);
    }
    // The test sees what it means to see.
    for (const op of ["Softmax", "Sigmoid", "Log", "Exp", "Sum", "Rsqrt"]) {
      assert.ok(trained.some((node) => node.op === op), `no ${op}`);
    }
  }
  assert.deepEqual(engine.memory(), before);
});

/** The graphs of a teacher's forward pass and of the student's step. */
async function distillationGraphs(
  precision: Precision,
): Promise<GraphNode[][]> {
  const teacher = tinyDetector(2);
  const student = tinyDetector(1);
  const optimizer = sgd(student.parameters);
  const outputs = liveTeacher(teacher, { precision });
  const step = makeTrainStep({
    student,
    optimizer,
    clip: 35,
    precision,
    distillation: { teacher: outputs, terms: PRESETS.cvpr2022.terms },
  });
  const { regions } = termNeeds(PRESETS.cvpr2022.terms);
  const batches = createTrainingBatches({ ...data, regions });
  const batch = await batches.prepare(0, 0);
  const graphs = await optimizedGraphs(() => step.run(batch, 0.01));
  for (const part of [step, outputs, optimizer, student, teacher]) {
    part.dispose();
  }
  // Others convert what seldom changes.
  return graphs.filter((nodes) => nodes.some(({ op }) => PRODUCT.test(op)));
}

function isBfloat16({ types }: GraphNode): boolean {
  return Object.values(types).includes(TF.BFLOAT16);
}

Deno.test("compile() in bfloat16 gives a network's gradient within a few per cent of float32's", async () => {
  const batch = await createTrainingBatches(data).prepare(0, 0);
  const gradients: Float32Array[] = [];
  for (const precision of ["float32", "bfloat16"] as const) {
    const student = tinyDetector(1);
    const optimizer = sgd(student.parameters, { weightDecay: 0 });
    const step = makeTrainStep({
      student,
      optimizer,
      precision,
    });
    await step.run(batch, 1);
    // After one step the momentum is the gradient.
    const moments = [...optimizer.state.values()];
    const all = tf.concat(moments.map((moment) => tf.reshape(moment, [-1])));
    gradients.push(await all.data<"float32">());
    for (const part of [step, optimizer, student, all]) part.dispose();
  }
  const [exact, rounded] = gradients;
  const error = norm(rounded.map((value, i) => value - exact[i])) / norm(exact);
  assert.ok(error > 1e-3 && error < 0.05, `off by ${error}`);
});

function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
}

Deno.test("compile() in bfloat16 keeps updates that are small beside the weight", async () => {
  // 1 + 1e-4 is 1 in bfloat16, whose neighbours of 1 are 2^-8 and 2^-7 away.
  const weight = tf.variable(tf.ones<tf.Rank.R2>([4, 4]));
  const moment = tf.variable(tf.ones<tf.Rank.R2>([4, 4]), false);
  const step = compile(({ x, rate }: Record<string, tf.Tensor>) => {
    const { grads, value } = tf.variableGrads(
      () => tf.sum(tf.matMul(x as tf.Tensor2D, weight)) as tf.Scalar,
      [weight],
    );
    const update = tf.mul(rate, grads[weight.name]);
    weight.assign(tf.add(weight, update) as tf.Tensor2D);
    moment.assign(tf.add(moment, update) as tf.Tensor2D);
    return { value };
  }, { precision: "bfloat16" });
  // Rows of ones: every gradient is 4.
  const inputs = { x: tf.ones([4, 4]), rate: tf.scalar(1e-4 / 4) };
  for (let i = 0; i < 10; i++) tf.dispose(await step(inputs));
  for (const variable of [weight, moment]) {
    for (const value of await variable.data()) {
      assert.ok(Math.abs(value - 1.001) < 1e-6, `${value}`);
    }
  }
  step.dispose();
  tf.dispose([inputs, weight, moment]);
});

Deno.test("compile() adds float32 to a product in float32", async () => {
  // bfloat16 has no 1 + 1/512.
  const step = compile(({ x, y }: Record<string, tf.Tensor2D>) => ({
    sum: tf.add(tf.matMul(x, x), y),
  }), { precision: "bfloat16" });
  const inputs = { x: tf.ones([1, 1]), y: tf.fill([1, 1], 1 / 512) };
  const { sum } = await step(inputs as Record<string, tf.Tensor2D>);
  assert.equal((await sum.data())[0], 1 + 1 / 512);
  step.dispose();
  tf.dispose([inputs, sum]);
});

Deno.test("compile() adds up the gradients of a shared weight in float32", async () => {
  // 1 from one use and 1/512 from another: bfloat16 has no 1 + 1/512.
  const step = compile(({ x, small, filter }: Record<string, tf.Tensor4D>) => {
    const gradient = tf.grad((f: tf.Tensor) => {
      const use = (x: tf.Tensor4D) =>
        tf.conv2d(x, f as tf.Tensor4D, 1, "valid");
      return tf.add(use(x), use(small));
    });
    return { gradient: gradient(filter) };
  }, { precision: "bfloat16" });
  const pixel = (value: number) => tf.tensor4d([value], [1, 1, 1, 1]);
  const inputs = { x: pixel(1), small: pixel(1 / 512), filter: pixel(3) };
  const { gradient } = await step(inputs);
  assert.equal((await gradient.data())[0], 1 + 1 / 512);
  step.dispose();
  tf.dispose([inputs, gradient]);
});

Deno.test("compile() in bfloat16 has every kind of convolution and product, with its gradients", async () => {
  const at = (shape: number[]) => tensorOf(shape, shape.length);
  const kinds: [string, (...given: tf.Tensor[]) => tf.Tensor, tf.Tensor[]][] = [
    [
      "conv2d",
      (x, filter) =>
        tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 2, "same"),
      [
        at([2, 9, 8, 4]),
        at([3, 3, 4, 6]),
      ],
    ],
    [
      "depthwise",
      (x, filter) =>
        tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "same"),
      [
        at([2, 9, 8, 4]),
        at([3, 3, 4, 1]),
      ],
    ],
    [
      "grouped",
      (x, filter) =>
        tf.engine().runKernel("PaddedConv2D", { x, filter }, {
          strides: [2, 2],
          pads: [1, 1, 1, 1],
        }) as tf.Tensor,
      [at([2, 9, 8, 4]), at([3, 3, 2, 6])],
    ],
    [
      "conv3d",
      (x, filter) =>
        tf.conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, 1, "same"),
      [
        at([2, 4, 5, 6, 3]),
        at([3, 3, 3, 3, 4]),
      ],
    ],
    ["matMul", (a, b) => tf.matMul(a, b, false, true), [
      at([3, 4, 5]),
      at([3, 6, 5]),
    ]],
    ["einsum", (a, b) => tf.einsum("bij,bjk->bik", a, b), [
      at([3, 4, 5]),
      at([3, 5, 6]),
    ]],
  ];
  for (const [kind, run, tensors] of kinds) {
    const step = (given: tf.NamedTensorMap): tf.NamedTensorMap => {
      const inputs = Object.values(given);
      if (kind === "einsum") return { value: run(...inputs) }; // no gradient in tfjs
      const { value, grads } = tf.valueAndGrads((...xs: tf.Tensor[]) =>
        run(...xs)
      )(inputs);
      return { value, first: grads[0], second: grads[1] };
    };
    const inputs = { a: tensors[0], b: tensors[1] };
    const compiled = compile(step, { precision: "bfloat16" });
    let actual: tf.NamedTensorMap = {};
    const [nodes] = await optimizedGraphs(async () => {
      actual = await compiled(inputs);
    });
    const products = nodes.filter(({ op }) => /Conv|MatMul|Einsum/.test(op));
    assert.ok(products.length > 0 && products.every(isBfloat16), kind);
    const expected = tf.tidy(() => step(inputs));
    for (const [name, tensor] of Object.entries(expected)) {
      const error = tf.tidy(() =>
        tf.div(tf.norm(tf.sub(actual[name], tensor)), tf.norm(tensor))
      );
      const [share] = await error.data();
      assert.ok(share < 0.01, `${name} of ${kind} is off by ${share}`);
      error.dispose();
    }
    compiled.dispose();
    tf.dispose([inputs, actual, expected]);
  }
});
