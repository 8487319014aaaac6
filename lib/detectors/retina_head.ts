// B images, A anchors of all levels, C classes, n numbers a side.
import type { Scope } from "../nn/scope.ts";
import { type DenseHead, denseHead, type HeadOutputs } from "./dense_head.ts";
import type { TowerInit } from "./head_tower.ts";

/**
 * Makes the head of RetinaNet: two towers of convolutions, shared over the levels,
 * give each anchor of a cell class logits and its box. There are no norms and no
 * factors of levels.
 *
 * Without `regMax` a box is four deltas from its anchor, for `deltasToBox`; with
 * it, four distributions of distances from the anchor's centre in strides, which
 * localization distillation needs.
 *
 * {@linkcode retinaLoss} trains both.
 *
 * @param scope Where `cls_convs` and `reg_convs` are made, and `retina_cls` and
 * `retina_reg`, or, with `regMax`, `atss_cls` and `atss_reg`: so the released code
 * names them.
 * @param options.inChannels Channels of each level.
 * @param options.channels Channels of the towers; 256 in the paper.
 * @param options.convs Convolutions in each tower; 4 in the paper.
 * @param options.numClasses C.
 * @param options.regMax n − 1, the largest distance in strides, at least 1; without,
 * n = 1.
 * @param options.anchorsPerCell Scales times ratios of `makeAnchors`; 9 by default.
 * @param options.init How the towers start, `"normal"` by default. They have no
 * norms to make up for a signal that fades: narrow ones want `"kaiming"`.
 * @returns The head: levels [B, H, W, inChannels] to logits [B, A, C] and boxes
 * [B, A, 4, n], as dx, dy, dw, dh or as left, top, right, bottom; anchors in the
 * order of `makeAnchors`.
 * @see Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017, section 4;
 * MMDetection 3.3.0 `RetinaHead`, and `RetinaGFLHead` of the LD repository.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { retinaHead } from "ldlab/detectors/retina_head.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const head = retinaHead(openScope({ seed: 1 }).scope, {
 *   inChannels: 4, channels: 4, convs: 1, numClasses: 3,
 * });
 * const { classLogits, boxLogits } = head([tf.ones([1, 4, 6, 4])]);
 * assert.deepEqual(classLogits.shape, [1, 24 * 9, 3]);
 * assert.deepEqual(boxLogits.shape, [1, 24 * 9, 4, 1]);
 * ```
 */
export function retinaHead(
  scope: Scope,
  { inChannels, channels, convs, numClasses, regMax, anchorsPerCell = 9, init }:
    {
      inChannels: number;
      channels: number;
      convs: number;
      numClasses: number;
      regMax?: number;
      anchorsPerCell?: number;
      init?: TowerInit;
    },
): DenseHead<HeadOutputs> {
  const plain = regMax === undefined;
  const name = plain ? "retina" : "atss";
  return denseHead(scope, {
    inChannels,
    channels,
    convs,
    numClasses,
    init,
    numbers: plain ? 1 : regMax + 1,
    bias: true,
    anchorsPerCell,
    names: { classes: `${name}_cls`, boxes: `${name}_reg` },
  });
}
