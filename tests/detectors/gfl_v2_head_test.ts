import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { gflV2Head } from "ldlab/detectors/gfl_v2_head.ts";
import { openScope } from "ldlab/nn/scope.ts";
import { everywhere } from "../everywhere.ts";
import { assertClose } from "../golden.ts";
import { fromMaps } from "./dense_heads.ts";
import {
  assertOutputs,
  assertStart,
  headCases,
  headInputs,
  headTensors,
  pulled,
  runHead,
} from "./golden_heads.ts";

Deno.test("gflV2Head() gives logits and scores as the paper's quality on MMDetection's GFLHead", async () => {
  await assertOutputs("gflV2", gflV2Head);
});

Deno.test("gflV2Head() starts with the reference's names, shapes and values", async () => {
  await assertStart("gflV2", gflV2Head);
});

Deno.test("gflV2Head() passes the gradients of its scores as PyTorch's topk does", async () => {
  const cases = (await headCases("gflV2")).filter(pulled);
  for (const { name, params, outputs, gradients } of cases) {
    const { inputs, weights } = headInputs(name);
    const pull = fromMaps(headTensors, `${name}/pull`);
    const f = (given: Record<string, tf.Tensor>) =>
      tf.sum(tf.mul(runHead(gflV2Head, params, given).scores, given.pull));
    for (
      const [place, found] of await everywhere(
        f,
        { ...inputs, pull },
        weights,
      )
    ) {
      assertClose(
        found.value,
        [outputs.losses.pulled],
        { relative: 1e-4, absolute: 1e-4 },
        `${name} on ${place}`,
      );
      for (const weight of weights) {
        assertClose(
          [Math.hypot(...found.gradients[weight])],
          [gradients[weight]],
          { relative: 1e-3, absolute: 1e-6 },
          `${name} on ${place}: gradient of ${weight}`,
        );
      }
    }
  }
});

Deno.test("gflV2Head() refuses more probabilities than there are bins", () => {
  const sizes = { inChannels: 4, channels: 4, convs: 1, groups: 2 };
  assert.throws(
    () =>
      gflV2Head(openScope({ seed: 1 }).scope, {
        ...sizes,
        numClasses: 3,
        regMax: 2,
        levels: 1,
      }),
    /^RangeError: Cannot make a GFLv2 head: topk must be a whole number from 1 to 3: current value is 4$/,
  );
});
