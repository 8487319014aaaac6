import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { binaryCrossEntropy } from "ldlab/losses/binary_cross_entropy.ts";
import { everywhere } from "../everywhere.ts";
import { assertClose, goldenCases } from "../golden.ts";
import { reduceAsMmdet } from "./mmdet_reduction.ts";
import { oneHot } from "./one_hot.ts";

type Tensors = Record<string, tf.Tensor>;
const tolerance = { ofLargest: 1e-5 };

Deno.test("binaryCrossEntropy() equals MMDetection's CrossEntropyLoss(use_sigmoid=True), gradients included", async () => {
  const cases = await goldenCases(
    "loss_focal_misc",
    (c) => c.name.startsWith("bce"),
  );
  for (const { name, inputs, params, outputs, gradients } of cases) {
    const { pred, label } = inputs;
    const target = pred.shape.length === 1
      ? label
      : oneHot(label.data, pred.shape[1]);
    const given = { ...inputs, target };
    const f = ({ pred, target, weight }: Tensors) =>
      reduceAsMmdet(binaryCrossEntropy(pred, target), weight, params);
    for (const [place, found] of await everywhere(f, given, ["pred"])) {
      const what = `${name} on ${place}`;
      assertClose(found.value, outputs.out.data, tolerance, what);
      assertClose(found.gradients.pred, gradients.pred.data, tolerance, what);
    }
  }
});

Deno.test("binaryCrossEntropy() sends no gradient to its targets", () => {
  const [z, y] = [tf.zeros([2, 3]), tf.ones([2, 3])];
  assert.throws(() => tf.grad((y) => binaryCrossEntropy(z, y))(y), /gradient/);
});

Deno.test("binaryCrossEntropy() refuses targets it would have to broadcast", () => {
  assert.throws(() => binaryCrossEntropy(tf.zeros([2, 3]), tf.zeros([3])), {
    name: "TypeError",
    message: "Cannot compute binary cross-entropy: targets must be [2, 3] " +
      "like the logits: current shape is [3]",
  });
});
