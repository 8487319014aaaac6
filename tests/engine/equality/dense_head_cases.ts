import * as tf from "@tensorflow/tfjs-core";
import { atssHead } from "ldlab/detectors/atss_head.ts";
import { atssLoss } from "ldlab/detectors/atss_loss.ts";
import type { DenseHead, HeadOutputs } from "ldlab/detectors/dense_head.ts";
import { fcosHead } from "ldlab/detectors/fcos_head.ts";
import { fcosLoss } from "ldlab/detectors/fcos_loss.ts";
import { gflV2Head } from "ldlab/detectors/gfl_v2_head.ts";
import { retinaHead } from "ldlab/detectors/retina_head.ts";
import { retinaLoss } from "ldlab/detectors/retina_loss.ts";
import { openScope, type Scope } from "ldlab/nn/scope.ts";
import { type EqualityCases, functionCase } from "./equality_case.ts";
import { networkCase } from "./layer_case.ts";
import { anchors, logits, size, targets } from "./location_tensors.ts";

const sizes = {
  inChannels: 4,
  channels: 8,
  convs: 2,
  groups: 4,
  numClasses: 3,
  levels: 2,
};

const head = (make: (scope: Scope) => DenseHead<HeadOutputs>) =>
  networkCase(() => {
    const { scope, variables } = openScope({ seed: 1 });
    const layer = make(scope);
    return {
      variables,
      forward: (x) => ({ ...layer([x, tf.avgPool(x, 2, 2, "valid")]) }),
    };
  }, [2, 6, 9, 4]);

const losses = (
  compute: typeof atssLoss | typeof fcosLoss | typeof retinaLoss,
  numbers: number,
) =>
  functionCase(
    {
      classLogits: logits([...size, 3], 81),
      boxLogits: logits([...size, 4, numbers], 82),
      centerness: logits(size, 83),
      ...targets,
    },
    ({ classLogits, boxLogits, centerness, labels, boxTargets }) => ({
      ...compute({
        outputs: {
          classLogits: classLogits as tf.Tensor3D,
          boxLogits: boxLogits as tf.Tensor4D,
          centerness: centerness as tf.Tensor2D,
        },
        targets: {
          labels: labels as tf.Tensor2D,
          boxTargets: boxTargets as tf.Tensor3D,
        },
        anchors,
      }),
    }),
    ["classLogits", "boxLogits"],
  );

/** The heads of ATSS, FCOS, RetinaNet and GFLv2, and their losses. */
export const denseHeadCases: EqualityCases = {
  "atssHead()": head((scope) => atssHead(scope, sizes)),
  "fcosHead()": head((scope) => fcosHead(scope, sizes)),
  "fcosHead() with distributions": head((scope) =>
    fcosHead(scope, { ...sizes, regMax: 5 })
  ),
  "retinaHead()": head((scope) => retinaHead(scope, sizes)),
  "gflV2Head()": head((scope) => gflV2Head(scope, { ...sizes, regMax: 16 })),
  "atssLoss()": losses(atssLoss, 1),
  "atssLoss() with distributions": losses(atssLoss, 9),
  "fcosLoss()": losses(fcosLoss, 1),
  "fcosLoss() with distributions": losses(fcosLoss, 9),
  "retinaLoss()": losses(retinaLoss, 1),
  "retinaLoss() with distributions": losses(retinaLoss, 9),
};
