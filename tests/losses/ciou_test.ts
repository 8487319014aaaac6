import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { ciouLoss } from "ldlab/losses/ciou.ts";
import { everywhere } from "../everywhere.ts";
import { assertClose } from "../golden.ts";
import { assertEqualsMmdet } from "./iou_goldens.ts";

type Tensors = Record<string, tf.Tensor>;

Deno.test("ciouLoss() equals MMDetection's CIoULoss, gradients and ties included", async () => {
  await assertEqualsMmdet("CIoULoss_", ciouLoss);
});

Deno.test("ciouLoss() of equal boxes is 0 without gradient, where MMDetection's is NaN", async () => {
  // There the IoU rounds to 1 and v is 0, so that α is 0 / 0: a case of
  // loss_iou.json that is not to be matched.
  const boxes = { shape: [2, 4], data: [16.3, 4.7, 60.1, 52.9, -3, 0, 9, 70] };
  const inputs = { pred: boxes, target: boxes };
  const f = ({ pred, target }: Tensors) => ciouLoss(pred, target);
  for (const [place, found] of await everywhere(f, inputs, ["pred"])) {
    assertClose(found.value, [0, 0], { absolute: 1e-6 }, place);
    const none = Array(8).fill(0);
    assertClose(found.gradients.pred, none, { absolute: 1e-6 }, place);
  }
});

Deno.test("ciouLoss() sees the aspect only where the IoU is above one half", async () => {
  const given = {
    predicted: { shape: [2, 4], data: [0, 0, 2, 4, 0, 0, 3, 4] },
    target: { shape: [2, 4], data: [0, 0, 4, 4, 0, 0, 4, 4] },
  };
  const f = ({ predicted, target }: Tensors) => ciouLoss(predicted, target);
  // By hand: IoU 1/2 and 3/4, ρ² / c² = 1 / 32 and 0.25 / 32.
  const v = 4 / Math.PI ** 2 * (Math.PI / 4 - Math.atan(3 / 4)) ** 2;
  const expected = [0.5 + 1 / 32, 0.25 + 0.25 / 32 + v * v / (0.25 + v)];
  for (const [place, { value }] of await everywhere(f, given)) {
    assertClose(value, expected, { absolute: 1e-6 }, place);
  }
});

Deno.test("ciouLoss() refuses boxes it would have to broadcast", () => {
  assert.throws(() => ciouLoss(tf.zeros([2, 4]), tf.zeros([4])), {
    name: "TypeError",
    message: "Cannot compute the CIoU loss: target boxes must be [2, 4] like " +
      "the predicted: current shape is [4]",
  });
});
