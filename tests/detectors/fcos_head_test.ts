import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { openScope } from "ldlab/nn/scope.ts";
import { fcosHead } from "ldlab/detectors/fcos_head.ts";
import { assertOutputs, assertStart } from "./golden_heads.ts";

Deno.test("fcosHead() gives the outputs of MMDetection's FCOSHead, plain and with distributions", async () => {
  await assertOutputs("fcos", fcosHead);
});

Deno.test("fcosHead() starts with the reference's names, shapes and values", async () => {
  await assertStart("fcos", fcosHead);
});

Deno.test("fcosHead() passes the gradient of distances that are 0, as torch's clamp(min=0)", async () => {
  const { scope, variables: { parameters } } = openScope({ seed: 1 });
  const head = fcosHead(scope, {
    ...{ inChannels: 4, channels: 4, convs: 1, groups: 2, numClasses: 1 },
    levels: 1,
  });
  const weight = parameters.get("conv_reg.weight")!;
  weight.assign(tf.zerosLike(weight)); // and the bias is 0
  const bias = parameters.get("conv_reg.bias")!;
  const { grads } = tf.variableGrads(
    () => tf.sum(head([tf.ones([1, 2, 3, 4])]).boxLogits),
    [bias],
  );
  assert.deepEqual([...await grads[bias.name].data()], [6, 6, 6, 6]);
});
