import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { smoothL1 } from "ldlab/losses/smooth_l1.ts";
import { everywhere } from "../everywhere.ts";
import { assertClose, goldenCases } from "../golden.ts";
import { reduceAsMmdet } from "./mmdet_reduction.ts";

type Tensors = Record<string, tf.Tensor>;
const tolerance = { ofLargest: 1e-5 };

Deno.test("smoothL1() equals MMDetection's SmoothL1Loss, L1Loss and MSELoss, gradients included", async () => {
  const cases = await goldenCases(
    "loss_focal_misc",
    (c) => /^(smooth_l1|l1|mse)/.test(c.name),
  );
  for (const { name, inputs, params, outputs, gradients } of cases) {
    // The L1 loss is that with β = 0; above all differences, 2β times the loss
    // is the squared error.
    const beta = name === "l1" ? 0 : name === "mse" ? 2 ** 20 : params.beta;
    const scale = name === "mse" ? 2 * beta : 1;
    const f = ({ pred, target, weight }: Tensors) => {
      const loss = smoothL1(pred, target, { beta });
      return reduceAsMmdet(tf.mul(loss, scale), weight, params);
    };
    for (const [place, found] of await everywhere(f, inputs, ["pred"])) {
      const what = `${name} on ${place}`;
      assertClose(found.value, outputs.out.data, tolerance, what);
      assertClose(found.gradients.pred, gradients.pred.data, tolerance, what);
    }
  }
});

Deno.test("smoothL1() refuses shapes it would have to broadcast and a beta below 0", () => {
  const x = tf.zeros([2, 4]);
  assert.throws(() => smoothL1(x, tf.zeros([1, 4])), {
    name: "TypeError",
    message: "Cannot compute smooth L1: target must be [2, 4] like the " +
      "predicted: current shape is [1, 4]",
  });
  for (const beta of [-1, NaN, Infinity]) {
    assert.throws(() => smoothL1(x, x, { beta }), {
      name: "RangeError",
      message: "Cannot compute smooth L1: beta must be a finite number of at " +
        `least 0: current value is ${beta}`,
    });
  }
});
