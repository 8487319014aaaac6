import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { diouLoss } from "ldlab/losses/diou.ts";
import { assertEqualsMmdet } from "./iou_goldens.ts";

Deno.test("diouLoss() equals MMDetection's DIoULoss, gradients and ties included", async () => {
  await assertEqualsMmdet("DIoULoss_", diouLoss);
});

Deno.test("diouLoss() refuses boxes it would have to broadcast", () => {
  assert.throws(() => diouLoss(tf.zeros([2, 4]), tf.zeros([4])), {
    name: "TypeError",
    message: "Cannot compute the DIoU loss: target boxes must be [2, 4] like " +
      "the predicted: current shape is [4]",
  });
});
