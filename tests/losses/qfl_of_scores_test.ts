import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { qualityFocalLoss } from "ldlab/losses/qfl.ts";
import { qualityFocalLossOfScores } from "ldlab/losses/qfl_of_scores.ts";
import { everywhere } from "../everywhere.ts";
import { wave } from "../float64.ts";
import { assertClose, goldenCases } from "../golden.ts";
import { reduceAsMmdet } from "./mmdet_reduction.ts";
import { oneHot } from "./one_hot.ts";

type Tensors = Record<string, tf.Tensor>;

Deno.test("qualityFocalLossOfScores() equals MMDetection's QualityFocalLoss of what is activated, gradients included", async () => {
  const cases = await goldenCases(
    "loss_qfl_dfl",
    ({ params }) => params.activated === true,
  );
  for (const { name, inputs, params, outputs, gradients } of cases) {
    const { pred, label, score } = inputs;
    const target = oneHot(label.data, pred.shape[1], score.data);
    const f = ({ pred, target, weight }: Tensors) => {
      const { beta } = params;
      const loss = qualityFocalLossOfScores(pred, target, { beta });
      return reduceAsMmdet(tf.sum(loss, -1), weight, params);
    };
    const given = { ...inputs, target };
    for (const [place, found] of await everywhere(f, given, ["pred"])) {
      const what = `${name} on ${place}`;
      const tolerance = { ofLargest: 1e-5 };
      assertClose(found.value, outputs.out.data, tolerance, what);
      assertClose(found.gradients.pred, gradients.pred.data, tolerance, what);
    }
  }
});

Deno.test("qualityFocalLossOfScores() of a sigmoid is qualityFocalLoss() of its logits, gradients included", async () => {
  const z = { shape: [3, 4], data: wave(12, 3) };
  const y = { shape: [3, 4], data: wave(12, 0.5, 2).map((v) => v + 0.5) };
  const run = (f: (given: Tensors) => tf.Tensor) =>
    everywhere(f, { z, y }, ["z"]);
  const expected = await run(({ z, y }) => qualityFocalLoss(z, y));
  const found = await run(({ z, y }) =>
    qualityFocalLossOfScores(tf.sigmoid(z), y)
  );
  for (const [place, { value, gradients }] of found) {
    const other = new Map(expected).get(place)!;
    assertClose(value, other.value, { absolute: 1e-6 }, place);
    assertClose(gradients.z, other.gradients.z, { absolute: 2e-6 }, place);
  }
});

Deno.test("qualityFocalLossOfScores() is PyTorch's at scores of 0 and 1", async () => {
  const p = { shape: [6], data: [0, 1, 0, 1, 1e-20, 0.5] };
  const y = { shape: [6], data: [0, 1, 0.5, 0, 1, 0.5] };
  const f = ({ p, y }: Tensors) => qualityFocalLossOfScores(p, y);
  for (const [place, found] of await everywhere(f, { p, y }, ["p"])) {
    // torch 2.13.0, binary_cross_entropy(p, y) · (y − p)²: logarithms of at least
    // −100, and gradients (p − y) / max(p (1 − p), 1e-12) of the former.
    const values = [0, 0, 12.5, 100, 46.0517, 0];
    assertClose(found.value, values, { relative: 1e-5 }, place);
    const slopes = [0, 0, -1.25e11, 1e12, -1e12, 0];
    assertClose(found.gradients.p, slopes, { relative: 1e-5 }, place);
  }
});

Deno.test("qualityFocalLossOfScores() has its exponent in the gradient, and the logarithm of scores near 0", async () => {
  const scores = [1e-4, 0.2, 0.7];
  const p = { shape: [3], data: scores };
  for (const beta of [1.5, 3]) {
    const f = ({ p }: Tensors) =>
      qualityFocalLossOfScores(p, tf.zeros([3]), { beta });
    for (const [place, found] of await everywhere(f, { p }, ["p"])) {
      // L = p^β · −log(1 − p), ∂L/∂p = p^(β − 1) · (−β log(1 − p) + p / (1 − p)).
      const values = scores.map((p) => -(p ** beta) * Math.log1p(-p));
      assertClose(found.value, values, { relative: 1e-5 }, place);
      const slopes = scores.map((p) =>
        p ** (beta - 1) * (p / (1 - p) - beta * Math.log1p(-p))
      );
      assertClose(found.gradients.p, slopes, { relative: 1e-5 }, place);
    }
  }
});

Deno.test("qualityFocalLossOfScores() sends no gradient to its targets", () => {
  const [p, y] = [tf.fill([2], 0.5), tf.ones([2])];
  assert.throws(
    () => tf.grad((y) => qualityFocalLossOfScores(p, y))(y),
    /gradient/,
  );
});

Deno.test("qualityFocalLossOfScores() refuses targets of another shape and a beta below 0", () => {
  const scores = tf.zeros([2, 3]);
  assert.throws(() => qualityFocalLossOfScores(scores, tf.zeros([2, 1])), {
    name: "TypeError",
    message: "Cannot compute QFL: targets must be [..., 3] like the scores: " +
      "current shape is [2, 1]",
  });
  assert.throws(() => qualityFocalLossOfScores(scores, scores, { beta: -1 }), {
    name: "RangeError",
    message:
      "Cannot compute QFL: beta must be a finite number of at least 0: " +
      "current value is -1",
  });
});
