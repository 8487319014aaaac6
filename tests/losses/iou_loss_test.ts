import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { iouLoss } from "ldlab/losses/iou_loss.ts";
import { assertEqualsMmdet } from "./iou_goldens.ts";

for (const form of ["log", "linear", "square"] as const) {
  Deno.test(`iouLoss() as ${form} equals MMDetection's IoULoss, gradients and ties included`, async () => {
    await assertEqualsMmdet(
      `IoULoss_${form}`,
      (predicted, target) => iouLoss(predicted, target, { form }),
    );
  });
}

Deno.test("iouLoss() refuses boxes it would have to broadcast", () => {
  assert.throws(() => iouLoss(tf.zeros([2, 4]), tf.zeros([4])), {
    name: "TypeError",
    message: "Cannot compute the IoU loss: target boxes must be [2, 4] like " +
      "the predicted: current shape is [4]",
  });
});

Deno.test("iouLoss() refuses an unknown form", () => {
  // A notebook's kernel does not check types.
  const form = "ln" as "log";
  assert.throws(() => iouLoss(tf.zeros([2, 4]), tf.zeros([2, 4]), { form }), {
    name: "RangeError",
    message: 'Cannot compute the IoU loss: form must be "log", "linear" or ' +
      '"square": current value is "ln"',
  });
});
