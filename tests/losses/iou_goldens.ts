import type * as tf from "@tensorflow/tfjs-core";
import { everywhere } from "../everywhere.ts";
import { assertClose, goldenCases } from "../golden.ts";
import { reduceAsMmdet } from "./mmdet_reduction.ts";

/**
 * Fails unless a loss of boxes equals the golden cases of an MMDetection
 * class, for every reduction and weight, gradients and ties included.
 */
export async function assertEqualsMmdet(
  prefix: string,
  loss: (predicted: tf.Tensor, target: tf.Tensor) => tf.Tensor,
): Promise<void> {
  const cases = await goldenCases(
    "loss_iou",
    (c) => c.name.startsWith(`${prefix}_`),
  );
  // Gradients are 1 / side in size, sums of terms that cancel where boxes are
  // equal or apart: a rounding of a term, times the loss's weight of 2, is left
  // of those that are 0.
  const tolerance = { ofLargest: 1e-5, absolute: 5e-8 };
  for (const { name, inputs, params, outputs, gradients } of cases) {
    const f = ({ pred, target, weight }: Record<string, tf.Tensor>) =>
      reduceAsMmdet(loss(pred, target), weight, params);
    const wrt = ["pred", "target"];
    for (const [place, found] of await everywhere(f, inputs, wrt)) {
      const what = `${name} on ${place}`;
      assertClose(found.value, outputs.out.data, tolerance, what);
      for (const k of wrt) {
        // Without any weight MMDetection returns early and leaves it null.
        const expected = gradients[k]?.data ??
          Array(inputs[k].data.length).fill(0);
        assertClose(found.gradients[k], expected, tolerance, what);
      }
    }
  }
}
