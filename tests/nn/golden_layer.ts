import * as tf from "@tensorflow/tfjs-core";
import { everywhere } from "../everywhere.ts";
import { assertClose, type GoldenCase } from "../golden.ts";

type Tensors = Record<string, tf.Tensor>;

/**
 * Fails unless a layer gives a golden case's outputs and gradients, everywhere.
 * The gradients are of the outputs times the case's `factors`.
 */
export async function assertGoldenLayer(
  { inputs, outputs, gradients }: GoldenCase,
  layer: (given: Tensors) => tf.Tensor,
): Promise<void> {
  const wrt = Object.keys(gradients);
  for (const [place, found] of await everywhere(layer, inputs)) {
    assertClose(found.value, outputs.y.data, { ofLargest: 1e-5 }, place);
  }
  const weighted = (given: Tensors) => tf.mul(layer(given), given.factors);
  for (const [place, found] of await everywhere(weighted, inputs, wrt)) {
    for (const name of wrt) {
      assertClose(
        found.gradients[name],
        gradients[name].data,
        { ofLargest: 1e-5 },
        `gradient of ${name} on ${place}`,
      );
    }
  }
}
