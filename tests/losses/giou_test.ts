import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { giouLoss } from "ldlab/losses/giou.ts";
import { everywhere } from "../everywhere.ts";
import { assertClose, goldenCases } from "../golden.ts";
import { reduceAsMmdet } from "./mmdet_reduction.ts";

type Tensors = Record<string, tf.Tensor>;
const tolerance = { ofLargest: 1e-5 };

Deno.test("giouLoss() equals MMDetection's GIoULoss, gradients and ties included", async () => {
  const cases = (await goldenCases("loss_iou"))
    .filter((c) => c.name.startsWith("GIoULoss"));
  assert.equal(cases.length, 6);
  for (const { name, inputs, params, outputs, gradients } of cases) {
    const f = ({ pred, target, weight }: Tensors) =>
      reduceAsMmdet(giouLoss(pred, target), weight, params);
    const wrt = ["pred", "target"];
    for (const [place, found] of await everywhere(f, inputs, wrt)) {
      const what = `${name} on ${place}`;
      assertClose(found.value, outputs.out.data, tolerance, what);
      for (const k of wrt) {
        // Without any weight MMDetection returns early and leaves it null.
        const expected = gradients[k]?.data ?? Array(14 * 4).fill(0);
        assertClose(found.gradients[k], expected, tolerance, what);
      }
    }
  }
});

Deno.test("giouLoss() pulls a box apart from its target towards it", async () => {
  const predicted = { shape: [1, 4], data: [0, 0, 1, 1] };
  const target = { shape: [1, 4], data: [1e4, 0, 10001, 1] };
  const f = ({ predicted, target }: Tensors) => giouLoss(predicted, target);
  const found = await everywhere(f, { predicted, target }, ["predicted"]);
  for (const [place, { value, gradients: { predicted } }] of found) {
    // By hand: 2 - 2 / 10001; the right side is to grow.
    assertClose(value, [2 - 2 / 10001], { relative: 1e-6 }, place);
    assert.ok(predicted[2] < 0 && predicted.every(Number.isFinite), place);
  }
});

Deno.test("giouLoss() refuses boxes it would have to broadcast", () => {
  assert.throws(() => giouLoss(tf.zeros([2, 4]), tf.zeros([4])), {
    name: "TypeError",
    message: "Cannot compute the GIoU loss: target boxes must be [2, 4] like " +
      "the predicted: current shape is [4]",
  });
});
