import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { makeAnchors } from "ldlab/boxes/anchors.ts";
import { gflLoss } from "ldlab/detectors/gfl_loss.ts";
import type { DetectorLossWeights } from "ldlab/detectors/gfl_loss_weights.ts";
import { everywhere, type HostValues } from "../everywhere.ts";
import { assertClose, goldenCases, goldenTensors } from "../golden.ts";
import { goldenAnchors } from "../regions/golden_anchors.ts";
import {
  fromBoxMaps,
  fromLevels,
  fromMaps,
  outputsOf,
  sumOfLevels,
  targetsOf,
} from "./dense_heads.ts";

type Tensors = Record<string, tf.Tensor>;

Deno.test("gflLoss() equals MMDetection's GFLHead.loss_by_feat, gradients included", async () => {
  const golden = await goldenTensors("heads");
  const cases = await goldenCases(
    "heads",
    ({ name }) => name.startsWith("gfl_"),
  );
  for (const { name, params, outputs } of cases) {
    const { loss_cls, loss_bbox, loss_dfl } = params.head_cfg;
    const complete = loss_bbox.type === "CIoULoss";
    const boxes = loss_bbox.loss_weight;
    const weights = {
      qfl: loss_cls.loss_weight,
      ...(complete ? { giou: 0, ciou: boxes } : { giou: boxes }),
      dfl: loss_dfl.loss_weight,
    };
    const anchors = goldenAnchors(params);
    const inputs = {
      classLogits: fromMaps(golden, `${name}/in/cls_score`),
      boxLogits: fromBoxMaps(golden, `${name}/in/bbox_pred`),
      labels: fromLevels(golden, `${name}/target/labels`),
      boxTargets: fromLevels(golden, `${name}/target/bbox_targets`),
      labelWeights: fromLevels(golden, `${name}/target/label_weights`),
    };
    const f = (given: Tensors) => {
      const { qfl, giou, dfl, ciou, positives } = gflLoss({
        outputs: outputsOf(given),
        targets: targetsOf(given),
        anchors,
      }, { weights });
      assert.equal(ciou !== undefined, complete);
      return tf.stack([qfl, complete ? ciou! : giou, dfl, positives]);
    };
    const wrt = ["classLogits", "boxLogits"];
    for (const [place, found] of await everywhere(f, inputs, wrt)) {
      assertClose(
        found.value,
        [
          sumOfLevels(outputs.loss_cls),
          sumOfLevels(outputs.loss_bbox),
          sumOfLevels(outputs.loss_dfl),
          outputs.num_pos,
        ],
        { relative: 1e-5, absolute: 1e-6 },
        `${name} on ${place}`,
      );
      const expected: Record<string, HostValues> = {
        classLogits: fromMaps(golden, `${name}/grad_total/cls_score`),
        boxLogits: fromBoxMaps(golden, `${name}/grad_total/bbox_pred`),
      };
      for (const input of wrt) {
        assertClose(
          found.gradients[input],
          expected[input].data,
          { ofLargest: 1e-5 },
          `${name} on ${place}: gradient of ${input}`,
        );
      }
    }
  }
});

// One image of one P3 cell and one class; distances 0 or 1 stride.
const anchors = makeAnchors({ height: 8, width: 8, strides: [8] });
const single: Record<string, HostValues> = {
  classLogits: { shape: [1, 1, 1], data: [-3] },
  boxLogits: { shape: [1, 1, 4, 2], data: new Float32Array(8) },
  labels: { shape: [1, 1], data: [0] },
  boxTargets: { shape: [1, 1, 4], data: [-4, -4, 4, 4] },
  labelWeights: { shape: [1, 1], data: [1] },
};

Deno.test("gflLoss() divides by W + 1e-6 as LDHead or by max(W, 1) as GFLHead", async () => {
  // Every side's DFL is log 2; w = W = σ(−3) = 0.0474 is below 1.
  const w = 1 / (1 + Math.exp(3));
  for (
    const [head, expected] of [
      ["ld", 0.25 * Math.LN2 * w / (w + 1e-6)],
      ["gfl", 0.25 * Math.LN2 * w],
    ] as const
  ) {
    const f = (given: Tensors) =>
      gflLoss({
        outputs: outputsOf(given),
        targets: targetsOf(given),
        anchors,
      }, { head }).dfl;
    for (const [place, { value }] of await everywhere(f, single)) {
      assertClose(value, [expected], { relative: 1e-5 }, `${head} on ${place}`);
    }
  }
});

Deno.test("gflLoss() is finite, gradients included, at logits of ±1e4 and boxes of no size", async () => {
  const f = (given: Tensors) => {
    const { qfl, giou, dfl } = gflLoss({
      outputs: outputsOf(given),
      targets: targetsOf(given),
      anchors,
    });
    return tf.addN([qfl, giou, dfl]);
  };
  const wrt = ["classLogits", "boxLogits"];
  for (const size of [1e4, -1e4]) {
    for (const label of [0, 1]) {
      const inputs = {
        ...single,
        classLogits: { shape: [1, 1, 1], data: [size] },
        boxLogits: {
          shape: [1, 1, 4, 2],
          data: [size, 0, size, 0, 0, size, 0, size],
        },
        labels: { shape: [1, 1], data: [label] },
        boxTargets: { shape: [1, 1, 4], data: [0, 0, 0, 0] },
      };
      for (const [place, found] of await everywhere(f, inputs, wrt)) {
        const what = `logits ${size}, label ${label} on ${place}`;
        const all = [found.value, ...Object.values(found.gradients)];
        assert.ok(all.every((values) => values.every(Number.isFinite)), what);
      }
    }
  }
});

Deno.test("gflLoss() gives no gradient to the boxes of background", async () => {
  const inputs = { ...single, labels: { shape: [1, 1], data: [1] } };
  const f = (given: Tensors) => {
    const { giou, dfl } = gflLoss({
      outputs: outputsOf(given),
      targets: targetsOf(given),
      anchors,
    });
    return tf.add(giou, dfl);
  };
  for (const [place, found] of await everywhere(f, inputs, ["boxLogits"])) {
    assert.deepEqual([...found.value], [0], place);
    assert.ok(found.gradients.boxLogits.every((g) => g === 0), place);
  }
});

Deno.test("gflLoss() refuses outputs of another input size", () => {
  const classLogits = tf.zeros<tf.Rank.R3>([1, 2, 1]);
  const boxLogits = tf.zeros<tf.Rank.R4>([1, 1, 4, 2]);
  const labels = tf.zeros<tf.Rank.R2>([1, 1], "int32");
  const boxTargets = tf.zeros<tf.Rank.R3>([1, 1, 4]);
  const attempt = () =>
    gflLoss({
      outputs: { classLogits, boxLogits, features: [] },
      targets: { labels, boxTargets },
      anchors,
    });
  assert.throws(attempt, {
    name: "TypeError",
    message: "Cannot compute the GFL losses: class logits must be [1, 1, 1] " +
      "as there are 1 anchors: current shape is [1, 2, 1]",
  });
  tf.dispose([classLogits, boxLogits, labels, boxTargets]);
});

Deno.test("gflLoss() takes other weights, and does not compute a loss of weight 0", async () => {
  const anchors = makeAnchors({ height: 8, width: 16, strides: [8] });
  const inputs = {
    classLogits: { shape: [1, 2, 1], data: [1, -1] },
    boxLogits: {
      shape: [1, 2, 4, 3],
      data: Array.from({ length: 24 }, (_, i) => Math.sin(i)),
    },
    labels: { shape: [1, 2], data: [0, 1] },
    boxTargets: { shape: [1, 2, 4], data: [-4, -9, 6, 8, 0, 0, 0, 0] },
    labelWeights: { shape: [1, 2], data: [1, 1] },
  };
  const f = (weights: DetectorLossWeights) => (given: Tensors) => {
    const { qfl, giou, dfl } = gflLoss({
      outputs: outputsOf(given),
      targets: targetsOf(given),
      anchors,
    }, { weights });
    return tf.stack([qfl, giou, dfl]);
  };
  const all = await everywhere(f({}), inputs, ["boxLogits"]);
  const some = await everywhere(
    f({ qfl: 3, giou: 0, dfl: 0.5 }),
    inputs,
    ["boxLogits"],
  );
  for (const [i, [place, { value }]] of all.entries()) {
    const [qfl, giou, dfl] = value;
    assert.ok(giou > 0);
    assertClose(
      some[i][1].value,
      [3 * qfl, 0, 2 * dfl],
      { relative: 1e-6 },
      place,
    );
  }
  // GIoU and DFL are all that reaches the boxes.
  const none = f({ giou: 0, dfl: 0 });
  const seen = (given: Tensors) =>
    tf.add(none(given), tf.mul(tf.sum(given.boxLogits), 0));
  for (
    const [place, { gradients }] of await everywhere(seen, inputs, [
      "boxLogits",
    ])
  ) {
    assert.ok(gradients.boxLogits.every((g) => g === 0), place);
  }
  assert.throws(
    () =>
      tf.tidy(() =>
        f({ dfl: NaN })(Object.fromEntries(
          Object.entries(inputs).map((
            [name, { shape, data }],
          ) => [name, tf.tensor(data, shape)]),
        ))
      ),
    /^RangeError: Cannot compute the GFL losses: the weight of dfl must be finite: current value is NaN$/,
  );
});
