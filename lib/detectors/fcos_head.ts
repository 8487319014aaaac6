// B images, A points of all levels, C classes, n numbers a side.
import * as tf from "@tensorflow/tfjs-core";
import type { Scope } from "../nn/scope.ts";
import {
  type CenternessOutputs,
  type DenseHead,
  denseHead,
  type ScaledHeadSizes,
} from "./dense_head.ts";

/**
 * Makes the head of FCOS: two towers of convolutions, shared over the levels, give
 * each point class logits, its box, and its centre-ness, which the box's tower
 * learns. One learnt number per level multiplies the box's numbers.
 *
 * Without `regMax` a box is its four distances from the point in strides, none
 * below 0; with it, four distributions of them, which localization distillation
 * needs.
 *
 * The plain head is the improved FCOS of the authors' repository and of
 * MMDetection's `center-normbbox-centeronreg-giou`, whose towers have biases
 * before their norms. The paper's first head takes exp of the distance in pixels
 * and learns centre-ness in the classes' tower instead.
 *
 * {@linkcode fcosLoss} trains both.
 *
 * @param scope Where `cls_convs`, `reg_convs`, `conv_cls`, `conv_reg`,
 * `conv_centerness` and `scales` are made.
 * @param options.inChannels Channels of each level.
 * @param options.channels Channels of the towers; 256 in the paper.
 * @param options.convs Convolutions in each tower; 4 in the paper.
 * @param options.groups Groups of the group norms after them; 32 in the paper.
 * @param options.numClasses C.
 * @param options.regMax n − 1, the largest distance in strides, at least 1; without,
 * n = 1.
 * @param options.levels How many levels there are.
 * @returns The head: levels [B, H, W, inChannels] to logits [B, A, C], boxes
 * [B, A, 4, n], sides left, top, right, bottom, and centre-ness logits [B, A].
 * @throws {RangeError} If the groups do not divide the channels.
 * @see Tian et al., "FCOS", ICCV 2019, section 3; MMDetection 3.3.0
 * `FCOSHead(norm_on_bbox=True, centerness_on_reg=True, conv_bias=True)`, and
 * `FCOSGFLHead` of the LD repository, whose towers have no biases.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { fcosHead } from "ldlab/detectors/fcos_head.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const head = fcosHead(openScope({ seed: 1 }).scope, {
 *   inChannels: 4, channels: 4, convs: 1, groups: 2, numClasses: 3, levels: 1,
 * });
 * const { boxLogits, centerness } = head([tf.ones([1, 4, 6, 4])]);
 * assert.deepEqual(boxLogits.shape, [1, 24, 4, 1]);
 * assert.deepEqual(centerness.shape, [1, 24]);
 * ```
 */
export function fcosHead(
  scope: Scope,
  { regMax, levels, ...sizes }: ScaledHeadSizes & { regMax?: number },
): DenseHead<CenternessOutputs> {
  const plain = regMax === undefined;
  const head = denseHead(scope, {
    ...sizes,
    numbers: plain ? 1 : regMax + 1,
    bias: plain,
    anchorsPerCell: 1,
    names: {
      classes: "conv_cls",
      boxes: "conv_reg",
      centerness: "conv_centerness",
    },
    scaledLevels: levels,
  }) as DenseHead<CenternessOutputs>;
  if (!plain) return head;
  return (features) => {
    const outputs = head(features);
    // Unlike a ReLU's, the gradient passes at 0, as that of the reference's clamp.
    return { ...outputs, boxLogits: tf.maximum(outputs.boxLogits, 0) };
  };
}
