// LDv2Head of the LD repository is LDHead whose scores are products of class score
// and quality: they weigh locations in place of the class scores, and its class
// distillation compares the class logits before the quality.
import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { detectorLoss } from "ldlab/detectors/detector_loss.ts";
import { distillLoss } from "ldlab/distill/distill_loss.ts";
import { PRESETS } from "ldlab/distill/presets.ts";
import {
  fromBoxMaps,
  fromLevels,
  fromMaps,
  outputsOf,
  sumOfLevels,
} from "../detectors/dense_heads.ts";
import { everywhere, type HostValues } from "../everywhere.ts";
import { assertClose, goldenCases, goldenTensors } from "../golden.ts";
import { goldenAnchors } from "../regions/golden_anchors.ts";
import { namedInputs } from "./named_inputs.ts";

/** Class logits that with a quality near a location's best score give the scores. */
function beforeQuality({ shape, data }: HostValues): HostValues {
  const classes = shape.at(-1)!;
  const scores = Array.from(data, (logit) => 1 / (1 + Math.exp(-logit)));
  const logits = scores.map((score, i) => {
    const row = i - i % classes;
    const best = Math.max(...scores.slice(row, row + classes));
    const own = score / ((1 + best) / 2);
    return Math.log(own / (1 - own));
  });
  return { shape, data: logits };
}

Deno.test("distillLoss() of GFLv2 weighs by its scores: MMDetection's LDHead of the same scores, gradients included", async () => {
  const golden = await goldenTensors("heads");
  const cases = await goldenCases(
    "heads",
    ({ name }) => name.startsWith("ld_"),
  );
  assert.ok(cases.length > 0);
  for (const { name, params, outputs } of cases) {
    const anchors = goldenAnchors(params);
    const { loss_weight: weight, T: temperature } = params.head_cfg.loss_ld;
    const { kd, ld } = PRESETS.cvpr2022.terms;
    const terms = { ld: { ...ld, weight, temperature }, kd };
    const scoreLogits = fromMaps(golden, `${name}/in/cls_score`);
    const inputs = {
      scoreLogits,
      classLogits: beforeQuality(scoreLogits),
      boxLogits: fromBoxMaps(golden, `${name}/in/bbox_pred`),
      teacherClassLogits: scoreLogits,
      teacherBoxLogits: fromBoxMaps(golden, `${name}/in/soft_target`),
      labels: fromLevels(golden, `${name}/target/labels`),
      boxTargets: fromLevels(golden, `${name}/target/bbox_targets`),
      labelWeights: fromLevels(golden, `${name}/target/label_weights`),
    };
    const wrt = ["scoreLogits", "boxLogits"];
    const losses = (given: Record<string, tf.Tensor>) => {
      const common = namedInputs(given, anchors);
      const scores = tf.sigmoid(given.scoreLogits) as tf.Tensor3D;
      const { losses: own, scoreWeights } = detectorLoss({ kind: "gflV2" }, {
        ...{ targets: common.targets, anchors },
        outputs: { ...outputsOf(given), scores },
      }, { head: "ld" });
      const { losses } = distillLoss({ ...common, scoreWeights }, terms);
      return { ...own, ...losses };
    };
    const f = (given: Record<string, tf.Tensor>) => {
      const { kd: _, ...rest } = losses(given);
      return tf.stack(Object.values(rest));
    };
    const expected = ["loss_cls", "loss_bbox", "loss_dfl", "loss_ld"]
      .map((key) => sumOfLevels(outputs[key]));
    const noise = Math.max(1, (temperature / 10) ** 2); // the reference's own
    for (const [place, found] of await everywhere(f, inputs, wrt)) {
      assertClose(
        found.value,
        expected,
        { relative: 2e-5, absolute: 2e-5 * noise },
        `${name} on ${place}`,
      );
      for (
        const [input, { data }] of [
          ["scoreLogits", fromMaps(golden, `${name}/grad_total/cls_score`)],
          ["boxLogits", fromBoxMaps(golden, `${name}/grad_total/bbox_pred`)],
        ] as const
      ) {
        assertClose(
          found.gradients[input],
          data,
          { ofLargest: 2e-5 },
          `${name} on ${place}: gradient of ${input}`,
        );
      }
    }
    // KD looks at class logits, whatever the scores: no gradient reaches them.
    const kdOf = (given: Record<string, tf.Tensor>) => losses(given).kd;
    for (
      const [place, found] of await everywhere(kdOf, inputs, ["classLogits"])
    ) {
      const same = { ...inputs, teacherClassLogits: inputs.classLogits };
      const [[, itself]] = await everywhere(kdOf, same);
      const positives = Array.from(inputs.labels.data)
        .some((label) => label < params.num_classes);
      assert.ok(Math.abs(itself.value[0]) < 1e-5, place);
      assert.equal(found.value[0] > 1e-4, positives, place);
    }
  }
});
