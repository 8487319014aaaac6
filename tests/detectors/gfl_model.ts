/** The detector and the batch of the golden files model.*, and its losses. */
import * as tf from "@tensorflow/tfjs-core";
import { type Anchors, makeAnchors } from "ldlab/boxes/anchors.ts";
import type { ResNetConfig } from "ldlab/detectors/backbone_config.ts";
import type { Detector } from "ldlab/detectors/detector.ts";
import { createDetector } from "ldlab/detectors/create_detector.ts";
import type { DetectorConfig } from "ldlab/detectors/detector_config.ts";
import { gflLoss } from "ldlab/detectors/gfl_loss.ts";
import type { Targets } from "ldlab/detectors/targets.ts";
import { loadWeights } from "ldlab/detectors/weights.ts";
import { assignAtss } from "ldlab/regions/atss.ts";
import { type GoldenCase, goldenCases, goldenTensors } from "../golden.ts";
import { goldenGroundTruth } from "../regions/golden_anchors.ts";

const cases = await goldenCases("model");
const weights = await goldenTensors("model_weights");

/** Features, outputs, gradients and the input of model.safetensors. */
export const modelTensors = await goldenTensors("model");

/** A case of model.json. */
export function modelCase(name: string): GoldenCase {
  const found = cases.find((one) => one.name === name);
  if (!found) throw new Error(`model.json has no case '${name}'`);
  return found;
}

const { backbone, neck, bbox_head: head } = modelCase("bn_eval").params.cfg;
const BACKBONE = {
  depth: backbone.depth,
  baseWidth: backbone.base_channels,
};
const CONFIG: DetectorConfig = {
  kind: "gfl",
  numClasses: head.num_classes,
  backbone: BACKBONE,
  neckChannels: neck.out_channels,
  headChannels: head.feat_channels,
  headConvs: head.stacked_convs,
  groups: head.norm_cfg.num_groups,
  regMax: head.reg_max,
};

/** The golden detector with the golden weights. */
export function goldenDetector(
  { frozenStages, normEval }: ResNetConfig = {},
): Detector {
  const backbone = { ...BACKBONE, frozenStages, normEval };
  const detector = createDetector({ ...CONFIG, backbone }, { seed: 1 });
  loadWeights(detector, weights);
  return detector;
}

/** The golden batch: images with their targets. */
export interface GoldenBatch {
  images: tf.Tensor4D;
  targets: Targets;
  anchors: Anchors;
  dispose(): void;
}

/** Makes the golden batch's tensors. */
export function goldenBatch(): GoldenBatch {
  const { shape, data } = modelTensors.get("input")!;
  const images = tf.tidy(() =>
    tf.transpose<tf.Tensor4D>(tf.tensor(data, [...shape] as never), [
      0,
      2,
      3,
      1,
    ])
  );
  const [batch, height, width] = images.shape;
  const anchors = makeAnchors({ height, width });
  const { gt_bboxes, gt_labels } = modelCase("bn_train").inputs;
  const assigned = Array.from(
    { length: batch },
    (_, i) =>
      assignAtss(
        anchors,
        goldenGroundTruth(gt_bboxes[i], gt_labels[i]),
        CONFIG,
      ),
  );
  const labels = assigned.flatMap(({ labels }) => [...labels]);
  const boxes = assigned.flatMap(({ boxTargets }) => [...boxTargets]);
  const targets = {
    labels: tf.tensor2d(labels, [batch, anchors.count], "int32"),
    boxTargets: tf.tensor3d(boxes, [batch, anchors.count, 4]),
  };
  return {
    images,
    anchors,
    targets,
    dispose: () => tf.dispose([images, targets.labels, targets.boxTargets]),
  };
}

/** The three losses [3] and the gradients of their sum, by parameter. */
export function lossesAndGradients(
  detector: Detector,
  { images, targets, anchors }: GoldenBatch,
  { training }: { training: boolean },
): { losses: tf.Tensor; gradients: Map<string, tf.Tensor> } {
  let losses: tf.Tensor | undefined;
  const { grads } = tf.variableGrads(() => {
    const outputs = detector.forward(images, { training });
    const { qfl, giou, dfl } = gflLoss({ outputs, targets, anchors });
    losses = tf.keep(tf.stack([qfl, giou, dfl]));
    return tf.addN([qfl, giou, dfl]);
  }, [...detector.parameters.values()]);
  const gradients = new Map<string, tf.Tensor>();
  for (const [name, { name: key }] of detector.parameters) {
    gradients.set(name, grads[key]);
  }
  return { losses: losses!, gradients };
}

/**
 * How far, relatively, the norm of all gradients may be from the reference's in a
 * step of golden training. After an update the weights differ by float32's last
 * bits, and a ReLU within them of 0 opens or closes: the loss has no jump there but
 * the gradient has. With weights moved by 1e-6 of themselves the reference's own
 * norms of later steps move by 0.3 %. What is wrong in gradients shows in the first step,
 * what is wrong in updates in the losses and weights.
 */
export function normTolerance(step: number): number {
  return step === 0 ? 1e-3 : 1e-2;
}

/** A filter [kh, kw, in, out] as PyTorch's [out, in, kh, kw]; others as is. */
export function toReference(tensor: tf.Tensor): tf.Tensor {
  return tensor.rank === 4
    ? tf.transpose(tensor, [3, 2, 0, 1])
    : tf.clone(tensor);
}
