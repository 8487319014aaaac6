import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs";
import { makeAnchors } from "ldlab/boxes/anchors.ts";
import { gflLoss } from "ldlab/detectors/gfl_loss.ts";
import {
  completeLossWeights,
  type DetectorLossWeights,
} from "ldlab/detectors/gfl_loss_weights.ts";

Deno.test("completeLossWeights() gives the published weights where none is given", () => {
  // GFL's configs in MMDetection: 1, 2, 1/4; LD's for VOC have CIoU, 2.
  assert.deepEqual(completeLossWeights(), {
    qfl: 1,
    giou: 2,
    dfl: 0.25,
    ciou: 0,
  });
  assert.deepEqual(completeLossWeights({ giou: 0, ciou: 2, dfl: undefined }), {
    qfl: 1,
    giou: 0,
    dfl: 0.25,
    ciou: 2,
  });
});

Deno.test("completeLossWeights() refuses a misspelt loss and weights that are no numbers", () => {
  assert.throws(
    () => completeLossWeights({ dlf: 0 } as DetectorLossWeights),
    {
      name: "RangeError",
      message: "Cannot compute the GFL losses: weights must be of qfl, giou, " +
        'dfl, ciou: current one is of "dlf"',
    },
  );
  for (const weight of [NaN, Infinity, "1", null]) {
    assert.throws(
      () => completeLossWeights({ dfl: weight } as DetectorLossWeights),
      { name: "RangeError", message: /the weight of dfl must be finite/ },
    );
  }
});

Deno.test("gflLoss() refuses a misspelt loss and an unknown head", () => {
  const anchors = makeAnchors({ height: 8, width: 8, strides: [8] });
  const attempt = (options: object) => () =>
    tf.tidy(() =>
      void gflLoss({
        anchors,
        outputs: {
          classLogits: tf.zeros([1, 1, 1]),
          boxLogits: tf.zeros([1, 1, 4, 2]),
          features: [],
        },
        targets: {
          labels: tf.zeros([1, 1], "int32"),
          boxTargets: tf.zeros([1, 1, 4]),
        },
      }, options)
    );
  assert.throws(attempt({ weights: { dlf: 0 } }), /current one is of "dlf"$/);
  assert.throws(attempt({ head: "LD" }), {
    name: "RangeError",
    message: /head must be gfl or ld: current value is "LD"$/,
  });
});
