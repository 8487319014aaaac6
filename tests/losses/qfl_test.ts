import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { qualityFocalLoss } from "ldlab/losses/qfl.ts";
import { everywhere } from "../everywhere.ts";
import { centralDifferences, sum, wave } from "../float64.ts";
import { assertClose, goldenCases } from "../golden.ts";
import { reduceAsMmdet } from "./mmdet_reduction.ts";
import { oneHot } from "./one_hot.ts";

type Tensors = Record<string, tf.Tensor>;
const tolerance = { ofLargest: 1e-5 };

Deno.test("qualityFocalLoss() equals MMDetection's QualityFocalLoss, gradients included", async () => {
  const cases = await goldenCases(
    "loss_qfl_dfl",
    ({ name, params }) => name.startsWith("qfl") && !params.activated,
  );
  for (const { name, inputs, params, outputs, gradients } of cases) {
    const { pred, label, score } = inputs;
    const target = inputs.target ??
      oneHot(label.data, pred.shape[1], score.data);
    const given = { ...inputs, target };
    const f = ({ pred, target, weight }: Tensors) => {
      const loss = qualityFocalLoss(pred, target, { beta: params.beta });
      return reduceAsMmdet(tf.sum(loss, -1), weight, params);
    };
    for (const [place, found] of await everywhere(f, given, ["pred"])) {
      const what = `${name} on ${place}`;
      assertClose(found.value, outputs.out.data, tolerance, what);
      assertClose(found.gradients.pred, gradients.pred.data, tolerance, what);
    }
  }
});

/** Binary cross-entropy of one logit in float64. */
function crossEntropy(z: number, y: number): number {
  return Math.max(z, 0) - z * y + Math.log1p(Math.exp(-Math.abs(z)));
}

for (const beta of [0, 0.5, 1, 1.5, 2, 3]) {
  Deno.test(`qualityFocalLoss() with beta = ${beta} follows its definition and its finite differences`, async () => {
    const z = { shape: [3, 4], data: wave(12, 3) };
    const y = { shape: [3, 4], data: wave(12, 0.5, 2).map((v) => v + 0.5) };
    const terms = (z: ArrayLike<number>) =>
      Array.from(z, (x, i) => {
        const d = Math.abs(y.data[i] - 1 / (1 + Math.exp(-x)));
        return d ** beta * crossEntropy(x, y.data[i]);
      });
    const slopes = centralDifferences((z) => sum(terms(z)), z.data);
    const f = ({ z, y }: Tensors) => qualityFocalLoss(z, y, { beta });
    for (const [place, found] of await everywhere(f, { z, y }, ["z"])) {
      assertClose(found.value, terms(z.data), { absolute: 1e-6 }, place);
      assertClose(found.gradients.z, slopes, { absolute: 2e-6 }, place);
    }
  });

  Deno.test(`qualityFocalLoss() with beta = ${beta} is finite where scores meet targets and at ±1e4`, async () => {
    const z = { shape: [7], data: [0, 1e4, -1e4, 1e4, -1e4, -80, 80] };
    const y = { shape: [7], data: [0.5, 1, 0, 0, 1, 0, 1] };
    const f = ({ z, y }: Tensors) => qualityFocalLoss(z, y, { beta });
    for (const [place, found] of await everywhere(f, { z, y }, ["z"])) {
      // By hand: nothing to lose where σ = y, |z| where σ and y are opposite.
      const atHalf = beta === 0 ? Math.LN2 : 0;
      const values = [atHalf, 0, 0, 1e4, 1e4, 0, 0];
      assertClose(found.value, values, { absolute: 1e-6 }, place);
      const slopes = [0, 0, 0, 1, -1, 0, 0];
      assertClose(found.gradients.z, slopes, { absolute: 1e-6 }, place);
    }
  });
}

Deno.test("qualityFocalLoss() sends no gradient to its targets", () => {
  const [z, y] = [tf.zeros([2]), tf.ones([2])];
  assert.throws(() => tf.grad((y) => qualityFocalLoss(z, y))(y), /gradient/);
});

Deno.test("qualityFocalLoss() refuses targets it would have to broadcast", () => {
  assert.throws(() => qualityFocalLoss(tf.zeros([2, 3]), tf.zeros([2, 1])), {
    name: "TypeError",
    message: "Cannot compute QFL: targets must be [..., 3] like the logits: " +
      "current shape is [2, 1]",
  });
});

Deno.test("qualityFocalLoss() refuses a beta below 0", () => {
  for (const beta of [-1, NaN, Infinity]) {
    assert.throws(
      () => qualityFocalLoss(tf.zeros([2]), tf.zeros([2]), { beta }),
      {
        name: "RangeError",
        message: "Cannot compute QFL: beta must be a finite number of at " +
          `least 0: current value is ${beta}`,
      },
    );
  }
});
