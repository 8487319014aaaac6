import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { makeAnchors } from "ldlab/boxes/anchors.ts";
import type { DetectorOutputs } from "ldlab/detectors/detector.ts";
import { gflLoss } from "ldlab/detectors/gfl_loss.ts";
import { gflV2Head } from "ldlab/detectors/gfl_v2_head.ts";
import type { LossInputs } from "ldlab/detectors/targets_guard.ts";
import { assignAtss } from "ldlab/regions/atss.ts";
import { everywhere } from "../everywhere.ts";
import { assertClose } from "../golden.ts";
import { assertLosses } from "./golden_losses.ts";

Deno.test("gflLoss() of scores equals MMDetection's GFLHead with QFL of what is activated, gradients through the quality included", async () => {
  await assertLosses({
    kind: "gflV2",
    make: gflV2Head,
    anchors: {},
    assign: assignAtss,
    losses: (inputs) => {
      const { outputs } = inputs as LossInputs<DetectorOutputs>;
      assert.ok(outputs.scores);
      const { qfl, giou, dfl } = gflLoss({ ...inputs, outputs });
      return [qfl, giou, dfl];
    },
  });
});

const anchors = makeAnchors({ height: 8, width: 8, strides: [8] });
const inputs = (outputs: Partial<DetectorOutputs>) => ({
  anchors,
  outputs: {
    classLogits: tf.zeros<tf.Rank.R3>([1, 1, 2]),
    boxLogits: tf.zeros<tf.Rank.R4>([1, 1, 4, 2]),
    features: [],
    ...outputs,
  },
  targets: {
    labels: tf.zeros<tf.Rank.R2>([1, 1], "int32"),
    boxTargets: tf.tensor3d([-4, -4, 4, 4], [1, 1, 4]),
  },
});

Deno.test("gflLoss() weighs locations by their largest score, without a sigmoid", async () => {
  const scores = tf.tensor3d([0.2, 0.4], [1, 1, 2]);
  const found = gflLoss(inputs({ scores }), { head: "ld" });
  assertClose(await found.scoreWeights.data(), [0.4], { relative: 1e-6 });
  // The box is right, its quality 1: 0.8² · −log 0.2, and 0.4² · −log 0.6 of the
  // other class.
  const qfl = -0.64 * Math.log(0.2) - 0.16 * Math.log(0.6);
  assertClose(await found.qfl.data(), [qfl], { relative: 1e-5 });
});

Deno.test("gflLoss() of scores is finite, gradients included, at scores of 0 and 1", async () => {
  for (const pair of [[0, 0], [1, 1], [0, 1], [1e-40, 1]]) {
    const f = ({ scores }: Record<string, tf.Tensor>) => {
      const loss = gflLoss(inputs({ scores: scores as tf.Tensor3D }));
      return tf.stack([loss.qfl, loss.giou, loss.dfl]);
    };
    const given = { scores: { shape: [1, 1, 2], data: pair } };
    for (const [place, found] of await everywhere(f, given, ["scores"])) {
      const all = [...found.value, ...found.gradients.scores];
      assert.ok(all.every(Number.isFinite), `${pair} on ${place}: ${all}`);
    }
  }
});

Deno.test("gflLoss() refuses scores of another size", () => {
  assert.throws(() => gflLoss(inputs({ scores: tf.zeros([1, 1, 3]) })), {
    name: "TypeError",
    message:
      "Cannot compute the GFL losses: scores must be [1, 1, 2] as there " +
      "are 1 anchors: current shape is [1, 1, 3]",
  });
});
