import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { softmaxCrossEntropy } from "ldlab/losses/softmax_cross_entropy.ts";
import { everywhere } from "../everywhere.ts";
import { assertClose, goldenCases } from "../golden.ts";
import { reduceAsMmdet } from "./mmdet_reduction.ts";
import { oneHot } from "./one_hot.ts";

type Tensors = Record<string, tf.Tensor>;
const tolerance = { ofLargest: 1e-5 };

Deno.test("softmaxCrossEntropy() equals MMDetection's CrossEntropyLoss, gradients included", async () => {
  const cases = await goldenCases(
    "loss_focal_misc",
    (c) => c.name === "ce_softmax",
  );
  for (const { name, inputs, params, outputs, gradients } of cases) {
    const { pred, label } = inputs;
    const target = oneHot(label.data, pred.shape[1]);
    const given = { ...inputs, target };
    const f = ({ pred, target, weight }: Tensors) =>
      reduceAsMmdet(softmaxCrossEntropy(pred, target), weight, params);
    for (const [place, found] of await everywhere(f, given, ["pred"])) {
      const what = `${name} on ${place}`;
      assertClose(found.value, outputs.out.data, tolerance, what);
      assertClose(found.gradients.pred, gradients.pred.data, tolerance, what);
    }
  }
});

Deno.test("softmaxCrossEntropy() of one class is 0 with no gradient", async () => {
  const given = {
    logits: { shape: [2, 1], data: [1e4, -3] },
    targets: { shape: [2, 1], data: [1, 1] },
  };
  const f = ({ logits, targets }: Tensors) =>
    softmaxCrossEntropy(logits, targets);
  for (const [place, found] of await everywhere(f, given, ["logits"])) {
    assertClose(found.value, [0, 0], { absolute: 0 }, place);
    assertClose(found.gradients.logits, [0, 0], { absolute: 0 }, place);
  }
});

Deno.test("softmaxCrossEntropy() sends no gradient to its targets", () => {
  const [z, y] = [tf.zeros([2, 3]), tf.ones([2, 3])];
  assert.throws(() => tf.grad((y) => softmaxCrossEntropy(z, y))(y), /gradient/);
});

Deno.test("softmaxCrossEntropy() refuses labels and what has no classes", () => {
  assert.throws(() => softmaxCrossEntropy(tf.zeros([2, 3]), tf.zeros([2])), {
    name: "TypeError",
    message: "Cannot compute softmax cross-entropy: targets must be [..., 3] " +
      "like the logits: current shape is [2]",
  });
  assert.throws(
    () => softmaxCrossEntropy(tf.scalar(1), tf.scalar(1)),
    TypeError,
  );
});
