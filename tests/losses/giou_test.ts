import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { giouLoss } from "ldlab/losses/giou.ts";
import { everywhere } from "../everywhere.ts";
import { assertClose } from "../golden.ts";
import { assertEqualsMmdet } from "./iou_goldens.ts";

type Tensors = Record<string, tf.Tensor>;

Deno.test("giouLoss() equals MMDetection's GIoULoss, gradients and ties included", async () => {
  await assertEqualsMmdet("GIoULoss_", giouLoss);
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
