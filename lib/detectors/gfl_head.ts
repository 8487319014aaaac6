// B images, A locations of all levels, C classes, n = regMax + 1 bins.
import type { Scope } from "../nn/scope.ts";
import {
  type DenseHead,
  denseHead,
  type HeadOutputs,
  type ScaledHeadSizes,
} from "./dense_head.ts";

/**
 * Makes the head of GFL: two towers of convolutions, shared over the levels,
 * give each location class logits and four distributions of distances. One
 * learnt number per level multiplies the logits of the distributions.
 *
 * @param scope Where `cls_convs`, `reg_convs`, `gfl_cls`, `gfl_reg` and
 * `scales` are made.
 * @param options.inChannels Channels of each level.
 * @param options.channels Channels of the towers.
 * @param options.convs Convolutions in each tower.
 * @param options.groups Groups of the group norms after them.
 * @param options.numClasses C.
 * @param options.regMax n − 1, the largest distance in strides.
 * @param options.levels How many levels there are.
 * @returns The head: levels [B, H, W, inChannels] to logits [B, A, C] and
 * [B, A, 4, n], sides left, top, right, bottom.
 * @see Li et al., "Generalized Focal Loss", NeurIPS 2020, section 3; MMDetection's
 * `GFLHead`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { gflHead } from "ldlab/detectors/gfl_head.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const { scope } = openScope({ seed: 1 });
 * const head = gflHead(scope, {
 *   inChannels: 4, channels: 4, convs: 1, groups: 2, numClasses: 3, regMax: 16, levels: 2,
 * });
 * const { classLogits, boxLogits } = head([tf.ones([1, 4, 6, 4]), tf.ones([1, 2, 3, 4])]);
 * assert.deepEqual(classLogits.shape, [1, 30, 3]);
 * assert.deepEqual(boxLogits.shape, [1, 30, 4, 17]);
 * ```
 */
export function gflHead(
  scope: Scope,
  { regMax, levels, ...sizes }: ScaledHeadSizes & { regMax: number },
): DenseHead<HeadOutputs> {
  return denseHead(scope, {
    ...sizes,
    numbers: regMax + 1,
    bias: false,
    anchorsPerCell: 1,
    names: { classes: "gfl_cls", boxes: "gfl_reg" },
    scaledLevels: levels,
  });
}
