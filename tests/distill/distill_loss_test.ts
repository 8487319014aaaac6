import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { makeAnchors, validAnchors } from "ldlab/boxes/anchors.ts";
import { gflLoss } from "ldlab/detectors/gfl_loss.ts";
import { distillLoss } from "ldlab/distill/distill_loss.ts";
import { type DistillTerms, PRESETS } from "ldlab/distill/terms.ts";
import { compile } from "ldlab/engine/compile.ts";
import { assignAtss } from "ldlab/regions/atss.ts";
import { vlrRegion } from "ldlab/regions/vlr.ts";
import {
  fromBoxMaps,
  fromLevels,
  fromMaps,
  outputsOf,
  sumOfLevels,
  targetsOf,
} from "../detectors/dense_heads.ts";
import { everywhere, type HostValues } from "../everywhere.ts";
import { wave } from "../float64.ts";
import {
  assertClose,
  type GoldenCase,
  goldenCases,
  goldenTensors,
} from "../golden.ts";
import { goldenAnchors, goldenGroundTruth } from "../regions/golden_anchors.ts";

type Tensors = Record<string, tf.Tensor>;

/** GFL's and the terms' losses as one vector, GFL's three first. */
function losses(
  given: Tensors,
  anchors: ReturnType<typeof makeAnchors>,
  terms: DistillTerms,
): tf.Tensor {
  const outputs = outputsOf(given);
  const targets = targetsOf(given);
  const gfl = gflLoss({ outputs, targets, anchors }, { head: "ld" });
  const { losses } = distillLoss({
    student: outputs,
    teacher: {
      classLogits: given.teacherClassLogits as tf.Tensor3D,
      boxLogits: given.teacherBoxLogits as tf.Tensor4D,
    },
    targets,
    scoreWeights: gfl.scoreWeights,
    anchors,
  }, terms);
  return tf.stack([gfl.qfl, gfl.giou, gfl.dfl, ...Object.values(losses)]);
}

async function compare(
  name: string,
  inputs: Record<string, HostValues>,
  anchors: ReturnType<typeof makeAnchors>,
  terms: DistillTerms,
  expected: { value: number[]; gradients: Record<string, HostValues> },
) {
  const f = (given: Tensors) => losses(given, anchors, terms);
  const wrt = ["classLogits", "boxLogits"];
  for (const [place, found] of await everywhere(f, inputs, wrt)) {
    assertClose(
      found.value,
      expected.value,
      // The reference's own float32 error, which its τ² magnifies.
      { relative: 2e-5, absolute: 2e-5 },
      `${name} on ${place}`,
    );
    for (const input of wrt) {
      assertClose(
        found.gradients[input],
        expected.gradients[input].data,
        { ofLargest: 2e-5 },
        `${name} on ${place}: gradient of ${input}`,
      );
    }
  }
}

Deno.test("distillLoss() equals MMDetection's LDHead, gradients included", async () => {
  const golden = await goldenTensors("heads");
  const cases = (await goldenCases("heads")).filter(({ name }) =>
    name.startsWith("ld_")
  );
  assert.equal(cases.length, 6);
  for (const { name, params, outputs } of cases) {
    const classLogits = fromMaps(golden, `${name}/in/cls_score`);
    const inputs = {
      classLogits,
      boxLogits: fromBoxMaps(golden, `${name}/in/bbox_pred`),
      teacherClassLogits: classLogits, // LDHead of MMDetection has no use for it
      teacherBoxLogits: fromBoxMaps(golden, `${name}/in/soft_target`),
      labels: fromLevels(golden, `${name}/target/labels`),
      boxTargets: fromLevels(golden, `${name}/target/bbox_targets`),
      labelWeights: fromLevels(golden, `${name}/target/label_weights`),
    };
    const { loss_weight: weight, T: temperature } = params.head_cfg.loss_ld;
    const terms = { ld: { weight, temperature } };
    await compare(name, inputs, goldenAnchors(params), terms, {
      value: ["loss_cls", "loss_bbox", "loss_dfl", "loss_ld"].map((key) =>
        sumOfLevels(outputs[key])
      ),
      gradients: {
        classLogits: fromMaps(golden, `${name}/grad_total/cls_score`),
        boxLogits: fromBoxMaps(golden, `${name}/grad_total/bbox_pred`),
      },
    });
  }
});

/** Targets of a case of ld_head.json, made as its assigner makes them. */
function assigned({ params, inputs }: GoldenCase) {
  const anchors = goldenAnchors(params);
  const images = inputs.gt_bboxes.map(
    (boxes: HostValues & { dtype: string }, i: number) => {
      const [height, width] = params.img_metas[i].pad_shape;
      const gt = goldenGroundTruth(
        boxes as Parameters<typeof goldenGroundTruth>[0],
        inputs.gt_labels[i],
      );
      const valid = validAnchors(anchors, { height, width });
      return {
        ...assignAtss(anchors, gt, { numClasses: params.num_classes, valid }),
        valid,
        vlr: vlrRegion(anchors, gt, { valid }),
      };
    },
  );
  const join = (key: "labels" | "boxTargets" | "valid" | "vlr", rest = 1) => ({
    shape: [images.length, anchors.count, ...(rest > 1 ? [rest] : [])],
    data: images.flatMap((image: Record<string, ArrayLike<number>>) =>
      Array.from(image[key])
    ),
  });
  return {
    labels: join("labels"),
    boxTargets: join("boxTargets", 4),
    labelWeights: join("valid"),
    vlr: join("vlr"),
  };
}

Deno.test("distillLoss() equals the released LDHead of CVPR 2022, gradients included", async () => {
  const golden = await goldenTensors("ld_head");
  const cases = (await goldenCases("ld_head")).filter(({ name }) =>
    // The others imitate features or record an error of the released code.
    ["default_gibox_w0", "T4_vlr1_kd5T1", "padded", "multilevel"].includes(name)
  );
  assert.equal(cases.length, 4);
  for (const golden_case of cases) {
    const { name, params, outputs } = golden_case;
    const where = name === "multilevel" ? "multilevel_in" : "base";
    const targets = assigned(golden_case);
    assert.deepEqual(
      [...targets.labels.data],
      [...fromLevels(golden, `${name}/target/labels`).data as number[]],
    );
    const inputs = {
      classLogits: fromMaps(golden, `${where}/cls_score`),
      boxLogits: fromBoxMaps(golden, `${where}/bbox_pred`),
      teacherClassLogits: fromMaps(golden, `${where}/teacher_cls`),
      teacherBoxLogits: fromBoxMaps(golden, `${where}/teacher_bbox`),
      ...targets,
    };
    const { loss_ld, loss_ld_vlr, loss_kd } = params.head_cfg;
    const term = (config: { loss_weight: number; T: number }) => ({
      weight: config.loss_weight,
      temperature: config.T,
    });
    const terms = {
      ld: term(loss_ld),
      vlrLd: term(loss_ld_vlr),
      kd: term(loss_kd),
    };
    if (name === "default_gibox_w0") assert.deepEqual(terms, PRESETS.cvpr2022);
    const keys = [
      "loss_cls",
      "loss_bbox",
      "loss_dfl",
      "loss_ld",
      "loss_ld_vlr",
      "loss_kd",
    ];
    await compare(name, inputs, goldenAnchors(params), terms, {
      value: keys.map((key) => sumOfLevels(outputs[key])),
      gradients: {
        classLogits: fromMaps(golden, `${name}/grad_total/cls_score`),
        boxLogits: fromBoxMaps(golden, `${name}/grad_total/bbox_pred`),
      },
    });
  }
});

// Two images of a P3 level of 2 × 2 cells and a P4 level of one; three classes.
const anchors = makeAnchors({ height: 16, width: 16, strides: [8, 16] });
const logits = {
  classLogits: { shape: [2, 5, 3], data: wave(30, 2) },
  boxLogits: { shape: [2, 5, 4, 17], data: wave(680, 2) },
  teacherClassLogits: { shape: [2, 5, 3], data: wave(30, 2, 5) },
  teacherBoxLogits: { shape: [2, 5, 4, 17], data: wave(680, 2, 5) },
  boxTargets: { shape: [2, 5, 4], data: new Float32Array(40) },
};
const all: DistillTerms = {
  ...PRESETS.cvpr2022,
  vlrKd: { weight: 10, temperature: 2 },
};

Deno.test("distillLoss() is 0 without gradient where no image has a box", async () => {
  const inputs = {
    ...logits,
    labels: { shape: [2, 5], data: Array(10).fill(3) },
    vlr: { shape: [2, 5], data: Array(10).fill(0) },
    labelWeights: { shape: [2, 5], data: Array(10).fill(1) },
  };
  const f = (given: Tensors) => tf.slice(losses(given, anchors, all), [3], [4]);
  const wrt = ["classLogits", "boxLogits"];
  for (const [place, found] of await everywhere(f, inputs, wrt)) {
    assert.deepEqual([...found.value], [0, 0, 0, 0], place);
    for (const input of wrt) {
      assert.ok(found.gradients[input].every((g) => g === 0), place);
    }
  }
});

Deno.test("distillLoss() of a network with itself is 0 without gradient", async () => {
  const inputs = {
    ...logits,
    teacherClassLogits: logits.classLogits,
    teacherBoxLogits: logits.boxLogits,
    labels: { shape: [2, 5], data: [0, 3, 3, 3, 1, 2, 3, 3, 3, 3] },
    vlr: { shape: [2, 5], data: [0, 0.5, 0.2, 0, 0, 0, 0, 0.1, 0, 0.3] },
    labelWeights: { shape: [2, 5], data: Array(10).fill(1) },
  };
  const f = (given: Tensors) => tf.slice(losses(given, anchors, all), [3], [4]);
  const wrt = ["classLogits", "boxLogits"];
  for (const [place, found] of await everywhere(f, inputs, wrt)) {
    assert.deepEqual([...found.value], [0, 0, 0, 0], place);
    for (const input of wrt) {
      assert.ok(found.gradients[input].every((g) => g === 0), place);
    }
  }
});

Deno.test("distillLoss() takes the mean of a class term over each level, then the sum of levels", async () => {
  // Teacher logits 0 and student logits (log 9, 0, 0) give every location the
  // same loss, so that the sum counts levels: two have a positive, one of them
  // three, and only one has a location of the VLR.
  const same = Array.from({ length: 10 }, () => [Math.log(9), 0, 0]).flat();
  const inputs = {
    ...logits,
    classLogits: { shape: [2, 5, 3], data: same },
    teacherClassLogits: { shape: [2, 5, 3], data: Array(30).fill(0) },
    labels: { shape: [2, 5], data: [0, 0, 3, 3, 1, 2, 3, 3, 3, 3] },
    vlr: { shape: [2, 5], data: [0, 0.5, 0.2, 0, 0, 0, 0, 0.1, 0, 0] },
    labelWeights: { shape: [2, 5], data: Array(10).fill(1) },
  };
  // τ = 2: p uniform, q = (3, 1, 1) / 5; 2² / 3 · Σ p log(p / q), times 10.
  const each = 10 * 4 / 3 *
    (Math.log(5 / 9) + 2 * Math.log(5 / 3)) / 3;
  const terms = { kd: all.kd, vlrKd: all.vlrKd };
  const f = (given: Tensors) =>
    tf.slice(losses(given, anchors, terms), [3], [2]);
  for (const [place, { value }] of await everywhere(f, inputs)) {
    assertClose(value, [2 * each, each], { relative: 1e-5 }, place);
  }
});

Deno.test("distillLoss() takes the temperature as a tensor too", async () => {
  const inputs = {
    ...logits,
    labels: { shape: [2, 5], data: [0, 3, 3, 3, 1, 2, 3, 3, 3, 3] },
    vlr: { shape: [2, 5], data: [0, 0.5, 0.2, 0, 0, 0, 0, 0.1, 0, 0.3] },
    labelWeights: { shape: [2, 5], data: Array(10).fill(1) },
    temperature: { shape: [], data: [7] },
  };
  const f = (given: Tensors) => {
    const temperature = given.temperature as tf.Scalar;
    const moving = { ...all, ld: { weight: 0.25, temperature } };
    const fixed = { ...all, ld: { weight: 0.25, temperature: 7 } };
    return tf.sub(
      losses(given, anchors, moving),
      losses(given, anchors, fixed),
    );
  };
  for (const [place, { value }] of await everywhere(f, inputs)) {
    assertClose(value, Array(7).fill(0), { absolute: 1e-5 }, place);
  }
});

Deno.test("distillLoss() lets the temperature of a compiled step move", async () => {
  await tf.setBackend("tensorflow");
  const labels = tf.tensor2d([0, 3, 3, 3, 1, 2, 3, 3, 3, 3], [2, 5], "int32");
  const given = {
    classLogits: tf.tensor(logits.classLogits.data, [2, 5, 3]),
    boxLogits: tf.tensor(logits.boxLogits.data, [2, 5, 4, 17]),
    teacherBoxLogits: tf.tensor(logits.teacherBoxLogits.data, [2, 5, 4, 17]),
    boxTargets: tf.zeros([2, 5, 4]),
    labels,
  };
  const at = (temperature: number | tf.Scalar) => {
    const { losses } = distillLoss({
      student: outputsOf(given),
      teacher: outputsOf({ ...given, boxLogits: given.teacherBoxLogits }),
      targets: targetsOf(given),
      scoreWeights: tf.ones([2, 5]),
      anchors,
    }, { ld: { weight: 0.25, temperature } });
    return { ld: losses.ld! };
  };
  const step = compile((given: { tau: tf.Scalar }) => at(given.tau));
  const found: number[] = [];
  for (const temperature of [1, 10]) {
    const { ld } = await step({ tau: tf.scalar(temperature) });
    assertClose(await ld.data(), await at(temperature).ld.data(), {
      relative: 1e-5,
    });
    found.push((await ld.data())[0]);
  }
  assert.equal(step.statistics.recordings, 1);
  assert.ok(Math.abs(found[0] - found[1]) > 1e-3);
  step.dispose();
});

Deno.test("distillLoss() counts its regions", async () => {
  const labels = tf.tensor2d([0, 3, 3, 3, 1, 2, 3, 3, 3, 3], [2, 5], "int32");
  const vlr = tf.tensor2d([0, 0.5, 0.2, 0, 0, 0, 0, 0.1, 0, 0.3], [2, 5]);
  const { regions } = distillLoss({
    student: {
      classLogits: tf.zeros([2, 5, 3]),
      boxLogits: tf.zeros([2, 5, 4, 17]),
    },
    teacher: {
      classLogits: tf.zeros([2, 5, 3]),
      boxLogits: tf.zeros([2, 5, 4, 17]),
    },
    targets: { labels, boxTargets: tf.zeros([2, 5, 4]), vlr },
    scoreWeights: tf.ones([2, 5]),
    anchors,
  }, PRESETS.ld2021);
  assert.deepEqual([...await regions.main.data()], [3]);
  assert.deepEqual([...await regions.vlr!.data()], [4]);
});

Deno.test("distillLoss() refuses a VLR term without a VLR, and a weight that is no number", () => {
  const given = {
    student: {
      classLogits: tf.zeros<tf.Rank.R3>([2, 5, 3]),
      boxLogits: tf.zeros<tf.Rank.R4>([2, 5, 4, 17]),
    },
    teacher: {
      classLogits: tf.zeros<tf.Rank.R3>([2, 5, 3]),
      boxLogits: tf.zeros<tf.Rank.R4>([2, 5, 4, 17]),
    },
    targets: {
      labels: tf.zeros<tf.Rank.R2>([2, 5], "int32"),
      boxTargets: tf.zeros<tf.Rank.R3>([2, 5, 4]),
    },
    scoreWeights: tf.ones<tf.Rank.R2>([2, 5]),
    anchors,
  };
  assert.throws(() => distillLoss(given, { vlrLd: PRESETS.cvpr2022.vlrLd }), {
    name: "TypeError",
    message:
      "Cannot distil: vlrLd needs the region weights of targets.vlr, which are missing",
  });
  assert.throws(
    () => distillLoss(given, { kd: { weight: NaN, temperature: 2 } }),
    {
      name: "RangeError",
      message:
        "Cannot distil: the weight of kd must be finite: current value is NaN",
    },
  );
});
