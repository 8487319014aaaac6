import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { focalLoss } from "ldlab/losses/focal.ts";
import { qualityFocalLoss } from "ldlab/losses/qfl.ts";
import { everywhere } from "../everywhere.ts";
import { assertClose, goldenCases } from "../golden.ts";
import { reduceAsMmdet } from "./mmdet_reduction.ts";
import { oneHot } from "./one_hot.ts";

type Tensors = Record<string, tf.Tensor>;
const tolerance = { ofLargest: 1e-5 };

Deno.test("focalLoss() equals MMDetection's FocalLoss, gradients included", async () => {
  const cases = await goldenCases(
    "loss_focal_misc",
    (c) => c.name.startsWith("focal"),
  );
  for (const { name, inputs, params, outputs, gradients } of cases) {
    const { pred, label } = inputs;
    const target = oneHot(label.data, pred.shape[1]);
    const given = { ...inputs, target };
    const f = ({ pred, target, weight }: Tensors) =>
      reduceAsMmdet(focalLoss(pred, target, params), weight, params);
    for (const [place, found] of await everywhere(f, given, ["pred"])) {
      const what = `${name} on ${place}`;
      assertClose(found.value, outputs.out.data, tolerance, what);
      assertClose(found.gradients.pred, gradients.pred.data, tolerance, what);
    }
  }
});

Deno.test("focalLoss() with α = 1/2 is half of the quality focal loss of a target of 0 or 1", async () => {
  const given = {
    logits: { shape: [6], data: [-3, -1, 0, 0.5, 2, 9] },
    targets: { shape: [6], data: [0, 1, 1, 0, 1, 0] },
  };
  const f = ({ logits, targets }: Tensors) =>
    tf.sub(
      tf.mul(2, focalLoss(logits, targets, { alpha: 0.5 })),
      qualityFocalLoss(logits, targets),
    );
  for (const [place, { value }] of await everywhere(f, given)) {
    assertClose(value, Array(6).fill(0), { absolute: 1e-5 }, place);
  }
});

Deno.test("focalLoss() sends no gradient to its targets", () => {
  const [z, y] = [tf.zeros([2, 3]), tf.ones([2, 3])];
  assert.throws(() => tf.grad((y) => focalLoss(z, y))(y), /gradient/);
});

Deno.test("focalLoss() refuses other shapes, a gamma below 0 and an alpha beyond 0 to 1", () => {
  const z = tf.zeros([2, 3]);
  assert.throws(() => focalLoss(z, tf.zeros([2, 1])), {
    name: "TypeError",
    message: "Cannot compute the focal loss: targets must be [..., 3] like " +
      "the logits: current shape is [2, 1]",
  });
  for (const gamma of [-1, NaN, Infinity]) {
    assert.throws(() => focalLoss(z, z, { gamma }), {
      name: "RangeError",
      message: "Cannot compute the focal loss: gamma must be a finite number " +
        `of at least 0: current value is ${gamma}`,
    });
  }
  for (const alpha of [-0.1, 1.1, NaN]) {
    assert.throws(() => focalLoss(z, z, { alpha }), {
      name: "RangeError",
      message: "Cannot compute the focal loss: alpha must be a number from 0 " +
        `to 1: current value is ${alpha}`,
    });
  }
});
