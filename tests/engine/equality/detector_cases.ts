import * as tf from "@tensorflow/tfjs-core";
import { bottle2neck } from "ldlab/detectors/bottle2neck.ts";
import { convNorm } from "ldlab/detectors/conv_norm.ts";
import { fpn } from "ldlab/detectors/fpn.ts";
import { createDetector } from "ldlab/detectors/create_detector.ts";
import type { ResNetConfig } from "ldlab/detectors/backbone_config.ts";
import { gflHead } from "ldlab/detectors/gfl_head.ts";
import { gflLoss } from "ldlab/detectors/gfl_loss.ts";
import { inferenceStep } from "ldlab/detectors/inference_step.ts";
import { basicBlock, bottleneck } from "ldlab/detectors/residual_block.ts";
import { resnet } from "ldlab/detectors/resnet.ts";
import { scoreWeights } from "ldlab/detectors/score_weights.ts";
import { positiveMask } from "ldlab/detectors/targets.ts";
import { openScope } from "ldlab/nn/scope.ts";
import {
  type EqualityCase,
  type EqualityCases,
  functionCase,
} from "./equality_case.ts";
import { tinyConfig } from "../../train/tiny_detector.ts";
import { layerCase, networkCase } from "./layer_case.ts";
import { anchors, logits, size, targets, weights } from "./location_tensors.ts";

const maps = [2, 6, 9, 4];
const images = [2, 64, 96, 3];

const detector = (
  change: ResNetConfig,
  training: boolean,
): EqualityCase =>
  networkCase(() => {
    const network = createDetector({
      ...tinyConfig,
      backbone: { ...tinyConfig.backbone, ...change },
    }, { seed: 3 });
    return {
      variables: network,
      forward: (x) => {
        const { features, ...logits } = network.forward(x, { training });
        return { ...logits, ...levels(features) };
      },
    };
  }, images);

function levels(features: tf.Tensor4D[]): tf.NamedTensorMap {
  return Object.fromEntries(features.map((map, i) => [`level ${i}`, map]));
}

const inference: EqualityCase = () => {
  const network = createDetector(tinyConfig, { seed: 4 });
  const step = inferenceStep(network);
  return {
    state: new Map([...network.parameters, ...network.buffers]),
    inputs: (call) => ({ images: logits(images, 70)(call) }),
    step: (inputs) => step(inputs as { images: tf.Tensor4D }),
  };
};

const block = (make: typeof basicBlock, stride: 1 | 2, training: boolean) =>
  layerCase((scope) => {
    const options = { inChannels: 4, width: 4, stride, normEval: false };
    const layer = make(scope, options);
    return (x) => layer(x, training);
  }, maps);

const losses = (
  head: "gfl" | "ld",
  { weighted = false, scored = false } = {},
) =>
  functionCase(
    {
      classLogits: logits([...size, tinyConfig.numClasses], 71),
      boxLogits: logits([...size, 4, 17], 72),
      ...targets,
      ...(weighted && { labelWeights: weights }),
    },
    ({ classLogits, boxLogits, labels, boxTargets, labelWeights }) => ({
      ...gflLoss({
        outputs: {
          classLogits: classLogits as tf.Tensor3D,
          boxLogits: boxLogits as tf.Tensor4D,
          ...(scored && { scores: tf.sigmoid(classLogits as tf.Tensor3D) }),
          features: [],
        },
        targets: {
          labels: labels as tf.Tensor2D,
          boxTargets: boxTargets as tf.Tensor3D,
          labelWeights: labelWeights as tf.Tensor2D | undefined,
        },
        anchors,
      }, { head }),
    }),
    ["classLogits", "boxLogits"],
  );

const scaleBlock = (stride: 1 | 2, first: boolean) =>
  layerCase((scope) => {
    const layer = bottle2neck(scope, {
      inChannels: 4,
      width: 2,
      partWidth: 3,
      scales: 3,
      stride,
      first,
      normEval: false,
    });
    return (x) => layer(x, true);
  }, maps);

/** Detectors, their parts and their losses. */
export const detectorCases: EqualityCases = {
  "convNorm() in training": layerCase((scope) => {
    const layer = convNorm(scope, "conv", "bn", {
      inChannels: 4,
      outChannels: 6,
      kernel: 3,
      stride: 2,
      normEval: false,
    });
    return (x) => layer(x, true);
  }, maps),
  "basicBlock() in training": block(basicBlock, 1, true),
  "basicBlock() of stride 2 outside training": block(basicBlock, 2, false),
  "bottleneck() of stride 2 in training": block(bottleneck, 2, true),
  "bottleneck() in groups": layerCase((scope) => {
    const layer = bottleneck(scope, {
      inChannels: 4,
      width: 2,
      middleWidth: 8,
      groups: 4,
      stride: 2,
      normEval: false,
      zeroLast: false,
    });
    return (x) => layer(x, true);
  }, maps),
  "bottle2neck()": scaleBlock(1, false),
  "bottle2neck() that begins a stage": scaleBlock(2, true),
  "resnet() with a frozen stage": networkCase(() => {
    const { scope, variables } = openScope({ seed: 1 });
    const options = {
      ...tinyConfig,
      backbone: { ...tinyConfig.backbone, frozenStages: 1, normEval: true },
    } as const;
    const backbone = resnet(scope, options.backbone);
    return { variables, forward: (x) => levels(backbone.forward(x, true)) };
  }, [1, 32, 64, 3]),
  "fpn()": networkCase(() => {
    const { scope, variables } = openScope({ seed: 1 });
    const neck = fpn(scope, { inChannels: [4, 4, 4], outChannels: 8 });
    return {
      variables,
      forward: (x) => {
        const halves = tf.avgPool(x, 2, 2, "same");
        return levels(neck([x, halves, tf.avgPool(halves, 2, 2, "same")]));
      },
    };
  }, [2, 7, 12, 4]),
  "gflHead()": networkCase(() => {
    const { scope, variables } = openScope({ seed: 1 });
    const head = gflHead(scope, {
      inChannels: 4,
      channels: 8,
      convs: 2,
      groups: 4,
      numClasses: 3,
      regMax: 16,
      levels: 2,
    });
    return {
      variables,
      forward: (x) => ({ ...head([x, tf.avgPool(x, 2, 2, "valid")]) }),
    };
  }, maps),
  "createDetector() in training": detector({}, true),
  "createDetector() in training on fixed statistics": detector(
    { normEval: true, frozenStages: 1 },
    true,
  ),
  "inferenceStep()": inference,
  "gflLoss()": losses("gfl"),
  "gflLoss() as the released head of LD computes it": losses("ld"),
  "gflLoss() with label weights": losses("gfl", { weighted: true }),
  "gflLoss() of scores": losses("ld", { scored: true }),
  "positiveMask()": functionCase(
    targets,
    ({ labels }) => ({ mask: positiveMask(labels as tf.Tensor2D, 3) }),
  ),
  "scoreWeights()": functionCase(
    { classLogits: logits([...size, 3], 73) },
    ({ classLogits }) => ({
      weights: scoreWeights({ classLogits: classLogits as tf.Tensor3D }),
    }),
  ),
};
