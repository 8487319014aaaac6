import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import type { Anchors } from "ldlab/boxes/anchors.ts";
import { validAnchors } from "ldlab/boxes/anchors.ts";
import { distillLoss } from "ldlab/distill/distill_loss.ts";
import { IMITATION, PRESETS } from "ldlab/distill/presets.ts";
import { termNeeds } from "ldlab/distill/term_needs.ts";
import type { DistillTerms } from "ldlab/distill/terms.ts";
import { assignAtss } from "ldlab/regions/atss.ts";
import { labelRegion, regionKey } from "ldlab/regions/region.ts";
import {
  fromBoxMaps,
  fromLevelMaps,
  fromLevels,
  fromMaps,
  sumOfLevels,
} from "../detectors/dense_heads.ts";
import { everywhere, type HostValues } from "../everywhere.ts";
import {
  assertClose,
  type GoldenCase,
  goldenCases,
  goldenTensors,
} from "../golden.ts";
import { goldenAnchors, goldenGroundTruth } from "../regions/golden_anchors.ts";
import { gflAndInputs } from "./named_inputs.ts";

type Inputs = Record<string, HostValues>;

/**
 * Compares GFL's three losses and those of the terms, in their order, and the
 * gradients of their sum.
 */
async function compare(
  name: string,
  { inputs, anchors, terms }: {
    inputs: Inputs;
    anchors: Anchors;
    terms: DistillTerms;
  },
  expected: { value: number[]; gradients: Inputs },
) {
  const f = (given: Record<string, tf.Tensor>) => {
    const { gfl, inputs } = gflAndInputs(given, anchors);
    const { losses } = distillLoss(inputs, terms);
    return tf.stack([gfl.qfl, gfl.giou, gfl.dfl, ...Object.values(losses)]);
  };
  // The reference's own float32 error, which its τ² magnifies: that of τ = 10,
  // and of more where a case has more.
  const temperatures = Object.values(terms)
    .map((term) => "temperature" in term ? term.temperature ?? 1 : 1);
  const noise = [1, 1, 1, ...temperatures]
    .map((tau) => 2e-5 * Math.max(1, (tau / 10) ** 2));
  const wrt = Object.keys(expected.gradients);
  for (const [place, found] of await everywhere(f, inputs, wrt)) {
    for (const [i, value] of expected.value.entries()) {
      assertClose(
        [found.value[i]],
        [value],
        { relative: 2e-5, absolute: noise[i] },
        `loss ${i} of ${name} on ${place}`,
      );
    }
    for (const input of wrt) {
      const { shape, data } = expected.gradients[input];
      // Of features the reference recorded the first channels.
      const [channels, recorded] = [inputs[input].shape.at(-1)!, shape.at(-1)!];
      const gradient = found.gradients[input]
        .filter((_, i) => i % channels < recorded);
      assertClose(
        gradient,
        data,
        { ofLargest: 2e-5 },
        `${name} on ${place}: gradient of ${input}`,
      );
    }
  }
}

Deno.test("distillLoss() equals MMDetection's LDHead, gradients included", async () => {
  const golden = await goldenTensors("heads");
  const cases = await goldenCases(
    "heads",
    ({ name }) => name.startsWith("ld_"),
  );
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
    const { ld } = PRESETS.ld2021.terms;
    const terms = { ld: { ...ld, weight, temperature } };
    const anchors = goldenAnchors(params);
    await compare(name, { inputs, anchors, terms }, {
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

/** Targets and regions of a case of ld_head.json, as its assigner makes them. */
function assigned({ params, inputs }: GoldenCase, terms: DistillTerms): Inputs {
  const anchors = goldenAnchors(params);
  const images = inputs.gt_bboxes.map(
    (boxes: Parameters<typeof goldenGroundTruth>[0], i: number) => {
      const [height, width] = params.img_metas[i].pad_shape;
      const imageSize = { height, width };
      const gt = goldenGroundTruth(boxes, inputs.gt_labels[i]);
      const valid = validAnchors(anchors, imageSize);
      const { num_classes: numClasses } = params;
      const assignment = assignAtss(anchors, gt, { numClasses, valid });
      const input = { anchors, gt, assignment, imageSize, valid };
      return {
        ...{ labels: assignment.labels, boxTargets: assignment.boxTargets },
        labelWeights: valid,
        ...Object.fromEntries(
          termNeeds(terms).regions.map((region) => [
            `region ${regionKey(region)}`,
            labelRegion(region, input),
          ]),
        ),
      };
    },
  );
  return Object.fromEntries(
    Object.keys(images[0]).map((name) => [name, {
      shape: [
        images.length,
        anchors.count,
        ...(name === "boxTargets" ? [4] : []),
      ],
      data: images.flatMap((image: Record<string, ArrayLike<number>>) =>
        Array.from(image[name])
      ),
    }]),
  );
}

/** The imitation that a method of the released code is. */
const METHODS: Record<string, DistillTerms> = {
  fitnet: IMITATION.insideGtBox,
  finegrained: IMITATION.fineGrained,
  gibox: IMITATION.gi,
};

Deno.test("distillLoss() equals the released LDHead of CVPR 2022, gradients included", async () => {
  const golden = await goldenTensors("ld_head");
  // Where it raises an error, what we do is tested by itself.
  const cases = await goldenCases("ld_head", ({ error }) => !error);
  for (const golden_case of cases) {
    const { name, params, outputs } = golden_case;
    const [, where] = params.input_tensors.match(/(\S+)\/\*$/);
    const { loss_ld, loss_ld_vlr, loss_kd, loss_im } = params.head_cfg;
    const imitates = loss_im.loss_weight > 0;
    const change = (config: { loss_weight: number; T: number }) => ({
      weight: config.loss_weight,
      temperature: config.T,
    });
    const { ld, vlrLd, kd } = PRESETS.cvpr2022.terms;
    const terms: DistillTerms = {
      ld: { ...ld, ...change(loss_ld) },
      vlrLd: { ...vlrLd, ...change(loss_ld_vlr) },
      kd: { ...kd, ...change(loss_kd) },
      ...(imitates && {
        imitation: {
          ...METHODS[params.head_cfg.imitation_method].imitation,
          weight: loss_im.loss_weight,
        },
      }),
    };
    const targets = assigned(golden_case, terms);
    assert.deepEqual(
      [...targets.labels.data as number[]],
      [...fromLevels(golden, `${name}/target/labels`).data as number[]],
    );
    const features = (key: string, prefix: string) =>
      Object.fromEntries(
        imitates
          ? fromLevelMaps(golden, key).map((map, level) =>
            [`${prefix} ${level}`, map] as const
          )
          : [],
      );
    const inputs = {
      classLogits: fromMaps(golden, `${where}/cls_score`),
      boxLogits: fromBoxMaps(golden, `${where}/bbox_pred`),
      teacherClassLogits: fromMaps(golden, `${where}/teacher_cls`),
      teacherBoxLogits: fromBoxMaps(golden, `${where}/teacher_bbox`),
      ...features(`${where}/x`, "features"),
      ...features(`${where}/teacher_x`, "teacherFeatures"),
      ...targets,
    };
    const keys = [
      ...["loss_cls", "loss_bbox", "loss_dfl"],
      ...["loss_ld", "loss_ld_vlr", "loss_kd"],
      ...(imitates ? ["loss_im"] : []),
    ];
    const anchors = goldenAnchors(params);
    await compare(name, { inputs, anchors, terms }, {
      value: keys.map((key) => sumOfLevels(outputs[key])),
      gradients: {
        classLogits: fromMaps(golden, `${name}/grad_total/cls_score`),
        boxLogits: fromBoxMaps(golden, `${name}/grad_total/bbox_pred`),
        ...features(`${name}/grad_total/x_first8ch`, "features"),
      },
    });
  }
});
