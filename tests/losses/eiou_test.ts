import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { eiouLoss } from "ldlab/losses/eiou.ts";
import { everywhere } from "../everywhere.ts";
import { assertClose } from "../golden.ts";
import { assertEqualsMmdet } from "./iou_goldens.ts";

Deno.test("eiouLoss() equals MMDetection's EIoULoss, gradients and ties included", async () => {
  await assertEqualsMmdet("EIoULoss_", eiouLoss);
});

Deno.test("eiouLoss() pulls a box apart from its target towards it", async () => {
  const given = {
    predicted: { shape: [1, 4], data: [0, 0, 1, 1] },
    target: { shape: [1, 4], data: [4, 0, 5, 1] },
  };
  const f = ({ predicted, target }: Record<string, tf.Tensor>) =>
    eiouLoss(predicted, target);
  for (const [place, found] of await everywhere(f, given, ["predicted"])) {
    // By hand: the intersection is -3, the width between times the height.
    assertClose(found.value, [1 + 3 / 5 - 0.05], { absolute: 1e-6 }, place);
    assert.ok(found.gradients.predicted[2] < 0, place);
  }
});

Deno.test("eiouLoss() refuses boxes it would have to broadcast", () => {
  assert.throws(() => eiouLoss(tf.zeros([2, 4]), tf.zeros([4])), {
    name: "TypeError",
    message: "Cannot compute the EIoU loss: target boxes must be [2, 4] like " +
      "the predicted: current shape is [4]",
  });
});
