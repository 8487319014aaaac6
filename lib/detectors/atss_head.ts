// B images, A locations of all levels, C classes, n numbers a side.
import type { Scope } from "../nn/scope.ts";
import {
  type CenternessOutputs,
  type DenseHead,
  denseHead,
  type ScaledHeadSizes,
} from "./dense_head.ts";

/**
 * Makes the head of ATSS: two towers of convolutions, shared over the levels, give
 * each location class logits, its box, and its centre-ness, which the box's tower
 * learns. One learnt number per level multiplies the box's numbers.
 *
 * Without `regMax` a box is four deltas from the location's anchor, for
 * `deltasToBox` with deviations 0.1, 0.1, 0.2 and 0.2; with it, four distributions
 * of distances from the anchor's centre in strides, which localization
 * distillation needs.
 *
 * {@linkcode atssLoss} trains both.
 *
 * @param scope Where `cls_convs`, `reg_convs`, `atss_cls`, `atss_reg`,
 * `atss_centerness` and `scales` are made.
 * @param options.inChannels Channels of each level.
 * @param options.channels Channels of the towers; 256 in the paper.
 * @param options.convs Convolutions in each tower; 4 in the paper.
 * @param options.groups Groups of the group norms after them; 32 in the paper.
 * @param options.numClasses C.
 * @param options.regMax n − 1, the largest distance in strides, at least 1; without,
 * n = 1.
 * @param options.levels How many levels there are.
 * @returns The head: levels [B, H, W, inChannels] to logits [B, A, C], boxes
 * [B, A, 4, n], as dx, dy, dw, dh or as left, top, right, bottom, and centre-ness
 * logits [B, A].
 * @throws {RangeError} If the groups do not divide the channels.
 * @see Zhang et al., "Bridging the Gap Between Anchor-based and Anchor-free
 * Detection via Adaptive Training Sample Selection", CVPR 2020; MMDetection 3.3.0
 * `ATSSHead`, and `ATSSGFLHead` of the LD repository.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { atssHead } from "ldlab/detectors/atss_head.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const head = atssHead(openScope({ seed: 1 }).scope, {
 *   inChannels: 4, channels: 4, convs: 1, groups: 2, numClasses: 3, regMax: 16, levels: 1,
 * });
 * const { boxLogits, centerness } = head([tf.ones([1, 4, 6, 4])]);
 * assert.deepEqual(boxLogits.shape, [1, 24, 4, 17]);
 * assert.deepEqual(centerness.shape, [1, 24]);
 * ```
 */
export function atssHead(
  scope: Scope,
  { regMax, levels, ...sizes }: ScaledHeadSizes & { regMax?: number },
): DenseHead<CenternessOutputs> {
  return denseHead(scope, {
    ...sizes,
    numbers: regMax === undefined ? 1 : regMax + 1,
    bias: false,
    anchorsPerCell: 1,
    names: {
      classes: "atss_cls",
      boxes: "atss_reg",
      centerness: "atss_centerness",
    },
    scaledLevels: levels,
  }) as DenseHead<CenternessOutputs>;
}
