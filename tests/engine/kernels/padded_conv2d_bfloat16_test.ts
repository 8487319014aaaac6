import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { compile, openEngine } from "ldlab/engine/mod.ts";
import { currentSession } from "ldlab/engine/session.ts";
import { convolve } from "ldlab/nn/conv2d.ts";
import { tensorOf } from "../deterministic_values.ts";

await openEngine({ backend: "tensorflow" });
// TensorFlow computes in bfloat16 on any processor, if slowly.
currentSession()!.missingForBfloat16 = undefined;

// As of P7 of a small input. What oneDNN leaves unwritten is not always wrong.
for (const kernel of [3, 5, 7]) {
  for (const height of [1, 3, 5]) {
    Deno.test(`PaddedConv2D in bfloat16 has no gradient of the taps of ${kernel} x ${kernel} that see padding only, on a map of ${height} x 1`, async () => {
      const step = compile(({ x, filter }: Record<string, tf.Tensor4D>) => ({
        gradient: tf.grad((filter) =>
          tf.square(
            convolve(x, filter as tf.Tensor4D, 2, (kernel - 1) / 2),
          )
        )(filter),
      }), { precision: "bfloat16" });
      const x = tensorOf([2, height, 1, 16], 1) as tf.Tensor4D;
      const filter = tensorOf([kernel, kernel, 16, 16], 2) as tf.Tensor4D;
      for (let run = 0; run < 4; run++) {
        const { gradient } = await step({ x, filter });
        const columns = tf.sum(tf.abs(gradient), [0, 2, 3]);
        const sums = [...await columns.data()];
        const [middle] = sums.splice((kernel - 1) / 2, 1);
        assert.ok(middle > 0 && middle < 1e4);
        assert.deepEqual(sums, Array(kernel - 1).fill(0));
        tf.dispose([gradient, columns]);
      }
      step.dispose();
      tf.dispose([x, filter]);
    });
  }
}
