import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { efficientIouLoss } from "ldlab/losses/efficient_iou.ts";
import { everywhere } from "../everywhere.ts";
import { assertClose } from "../golden.ts";

Deno.test("efficientIouLoss() is the hand calculation, its gradient by the width too", async () => {
  const given = {
    predicted: { shape: [2, 4], data: [1, 0, 3, 2, 0, 0, 1, 1] },
    target: { shape: [2, 4], data: [0, 0, 4, 2, 2, 0, 4, 3] },
  };
  const f = ({ predicted, target }: Record<string, tf.Tensor>) =>
    efficientIouLoss(predicted, target);
  // By hand. First: IoU 4/8, same centre, widths 2 and 4 in a box 4 wide.
  // Second: no overlap; centres (1/2, 1/2) and (3, 3/2), c² = 4² + 3²; widths
  // 1 and 2 of 4, heights 1 and 3 of 3.
  const expected = [
    0.5 + (2 / 4) ** 2,
    1 + (2.5 ** 2 + 1) / 25 + (1 / 4) ** 2 + (2 / 3) ** 2,
  ];
  for (const [place, found] of await everywhere(f, given, ["predicted"])) {
    assertClose(found.value, expected, { absolute: 1e-6 }, place);
    // First, by x2: IoU gives -2/8, the distance's derivative is 0 at 0 and the
    // width's 2 · (2 - 4) / 4².
    const slope = [found.gradients.predicted[2]];
    assertClose(slope, [-0.25 - 0.25], { absolute: 1e-6 }, place);
  }
});

Deno.test("efficientIouLoss() refuses boxes it would have to broadcast", () => {
  assert.throws(() => efficientIouLoss(tf.zeros([2, 4]), tf.zeros([4])), {
    name: "TypeError",
    message:
      "Cannot compute the efficient IoU loss: target boxes must be [2, 4] like " +
      "the predicted: current shape is [4]",
  });
});
