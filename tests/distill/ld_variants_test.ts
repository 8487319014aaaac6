import * as tf from "@tensorflow/tfjs-core";
import { type Anchors, makeAnchors } from "ldlab/boxes/anchors.ts";
import { atssLoss } from "ldlab/detectors/atss_loss.ts";
import type { CenternessOutputs } from "ldlab/detectors/dense_head.ts";
import type { CenternessLoss, DenseLoss } from "ldlab/detectors/dense_loss.ts";
import { fcosLoss } from "ldlab/detectors/fcos_loss.ts";
import { retinaLoss } from "ldlab/detectors/retina_loss.ts";
import { scoreWeights } from "ldlab/detectors/score_weights.ts";
import type { LossInputs } from "ldlab/detectors/targets_guard.ts";
import { distillLoss } from "ldlab/distill/distill_loss.ts";
import { DETECTOR_PRESETS } from "ldlab/distill/presets.ts";
import { termNeeds } from "ldlab/distill/term_needs.ts";
import type { DistillSettings } from "ldlab/distill/terms.ts";
import type { Assignment } from "ldlab/regions/assignment.ts";
import { assignAtss } from "ldlab/regions/atss.ts";
import { assignFcos } from "ldlab/regions/fcos.ts";
import type { GroundTruth } from "ldlab/regions/ground_truth.ts";
import { assignMaxIou } from "ldlab/regions/max_iou.ts";
import { labelRegion, regionKey } from "ldlab/regions/region.ts";
import {
  fromBoxMaps,
  fromMaps,
  outputsOf,
  sumOfLevels,
  targetsOf,
} from "../detectors/dense_heads.ts";
import { everywhere, type HostValues } from "../everywhere.ts";
import { assertClose, goldenCases, goldenTensors } from "../golden.ts";
import { goldenGroundTruth } from "../regions/golden_anchors.ts";
import { namedInputs } from "./named_inputs.ts";

/** What the heads of the LD repository for other detectors do. */
interface Head {
  readonly preset: DistillSettings;
  readonly centerOffset: number;
  readonly assign: (
    anchors: Anchors,
    gt: GroundTruth,
    options: { numClasses: number },
  ) => Assignment;
  /** The losses of the detector itself. */
  readonly own: (inputs: LossInputs<CenternessOutputs>) => DenseLoss;
  /** Whether it learns centre-ness. */
  readonly centerness: boolean;
  /** Names of the losses of the terms. */
  readonly terms: readonly string[];
}

const HEADS: Record<string, Head> = {
  LDRetinaHead: {
    preset: DETECTOR_PRESETS.retina,
    centerOffset: 0,
    assign: assignMaxIou,
    own: retinaLoss,
    centerness: false,
    terms: ["loss_ld", "loss_ld_vlr", "loss_cls_kd"],
  },
  LDATSSHead: {
    preset: DETECTOR_PRESETS.atss,
    centerOffset: 0,
    assign: assignAtss,
    own: atssLoss,
    centerness: true,
    terms: ["loss_ld", "loss_ld_neg", "loss_cls_kd"],
  },
  LDFCOSHead: {
    preset: DETECTOR_PRESETS.fcos,
    centerOffset: 0.5,
    assign: assignFcos,
    own: fcosLoss,
    centerness: true,
    terms: ["loss_ld", "loss_ld_neg", "loss_cls_kd"],
  },
};

/** Targets and regions of a batch, as the head makes them. */
function assigned(
  { preset, assign }: Head,
  anchors: Anchors,
  images: readonly GroundTruth[],
  { numClasses, imageSize }: {
    numClasses: number;
    imageSize: { height: number; width: number };
  },
): Record<string, HostValues> {
  const rows = images.map((gt) => {
    const assignment = assign(anchors, gt, { numClasses });
    const input = { anchors, gt, assignment, imageSize };
    const regions = termNeeds(preset.terms).regions.map((region) =>
      [`region ${regionKey(region)}`, labelRegion(region, input)] as const
    );
    const { labels, labelWeights, boxTargets } = assignment;
    return {
      ...{ labels, labelWeights, boxTargets },
      ...Object.fromEntries(regions),
    };
  });
  return Object.fromEntries(
    Object.entries(rows[0]).map(([name, { length }]) => [name, {
      shape: [
        rows.length,
        anchors.count,
        ...(length > anchors.count ? [4] : []),
      ],
      data: rows.flatMap((row) =>
        Array.from((row as Record<string, ArrayLike<number>>)[name])
      ),
    }]),
  );
}

/** The losses of the detector itself: classes, boxes, centre-ness. */
function ownLosses(
  { own, centerness }: Head,
  anchors: Anchors,
  given: Record<string, tf.Tensor>,
): tf.Tensor[] {
  const losses: DenseLoss & Partial<CenternessLoss> = own({
    outputs: {
      ...outputsOf(given),
      centerness: centerness
        ? tf.squeeze(given.centerness, [-1])
        : tf.zerosLike(given.labels as tf.Tensor2D),
    },
    targets: targetsOf(given),
    anchors,
  });
  return [
    losses.focal,
    losses.box,
    ...(losses.centerness ? [losses.centerness] : []),
  ];
}

Deno.test("distillLoss() equals the released LD heads of RetinaNet, ATSS and FCOS, gradients included", async () => {
  const golden = await goldenTensors("ld_variants");
  const cases = await goldenCases("ld_variants", ({ error }) => !error);
  for (const { name, params, inputs: boxes, outputs } of cases) {
    const head = HEADS[params.head_cfg.type];
    const [height, width] = params.img_shape;
    const anchors = makeAnchors({
      height,
      width,
      levelSizes: params.featmap_sizes,
      centerOffset: head.centerOffset,
    });
    const images = boxes.gt_bboxes.map((
      one: Parameters<typeof goldenGroundTruth>[0],
      i: number,
    ) => goldenGroundTruth(one, boxes.gt_labels[i]));
    const numClasses = params.head_cfg.num_classes;
    const wrt: Record<string, HostValues> = {};
    const inputs: Record<string, HostValues> = {
      ...assigned(head, anchors, images, {
        numClasses,
        imageSize: { height, width },
      }),
      teacherClassLogits: fromMaps(golden, `${name}/in/teacher_cls`),
      teacherBoxLogits: fromBoxMaps(golden, `${name}/in/teacher_bbox`),
    };
    for (
      const [input, read, key] of [
        ["classLogits", fromMaps, "cls_score"],
        ["boxLogits", fromBoxMaps, "bbox_pred"],
        ...(head.centerness
          ? [["centerness", fromMaps, "centerness"] as const]
          : []),
      ] as const
    ) {
      inputs[input] = read(golden, `${name}/in/${key}`);
      wrt[input] = read(golden, `${name}/grad_total/${key}`);
    }
    const f = (given: Record<string, tf.Tensor>) => {
      const { losses } = distillLoss({
        ...namedInputs(given, anchors),
        scoreWeights: scoreWeights({
          classLogits: given.classLogits as tf.Tensor3D,
        }),
      }, head.preset.terms);
      return tf.stack([
        ...ownLosses(head, anchors, given),
        ...Object.values(losses),
      ]);
    };
    const keys = [
      ...["loss_cls", "loss_bbox"],
      ...(head.centerness ? ["loss_centerness"] : []),
      ...head.terms,
    ];
    const expected = keys.map((key) => sumOfLevels(outputs[key]));
    for (
      const [place, found] of await everywhere(f, inputs, Object.keys(wrt))
    ) {
      assertClose(
        found.value,
        expected,
        { relative: 2e-5, absolute: 2e-5 },
        `${name} on ${place}: ${keys}`,
      );
      for (const [input, { data }] of Object.entries(wrt)) {
        assertClose(
          found.gradients[input],
          data,
          { ofLargest: 2e-5 },
          `${name} on ${place}: gradient of ${input}`,
        );
      }
    }
  }
});
