import * as tf from "@tensorflow/tfjs-core";
import { conv2d, type Layer } from "./conv2d.ts";
import { deformConv2d } from "./deform_conv2d.ts";
import { constant, type Initializer } from "./initializers.ts";
import type { Scope } from "./scope.ts";

/**
 * Makes a deformable convolution, which learns where its taps look: in place of
 * the 3 × 3 convolutions of a ResNet's later stages, it sees objects of any shape.
 * Its second version also learns how much each tap counts.
 *
 * y = deformConv2d(x, offsets), offsets = conv_offset(x); modulated:
 * y = deformConv2d(x, offsets, mask), (offsets, logits) = conv_offset(x),
 * mask = sigmoid(logits)
 *
 * conv_offset has the same window and step. It starts at 0, so at first the layer
 * is a plain convolution, times ½ if modulated. Its channels are the offsets',
 * then the logits', both in `deformConv2d()`'s order.
 *
 * @param scope Where `weight` [kernel, kernel, inChannels / groups, outChannels],
 * `conv_offset.weight` [kernel, kernel, inChannels, n] and `conv_offset.bias` [n]
 * are made; n = deformGroups · kernel² · 2, or · 3 if modulated.
 * @param options.inChannels Channels of x.
 * @param options.outChannels Channels of y.
 * @param options.kernel Side of the square filter, pixels.
 * @param options.stride 1 if not given.
 * @param options.padding Zeros on each side; (kernel − 1) / 2 if not given.
 * @param options.groups Divides both numbers of channels; 1 if not given.
 * @param options.deformGroups Groups of channels with offsets of their own; divides
 * inChannels; 1 if not given.
 * @param options.modulated Whether it has a mask: version 2.
 * @param options.weight How the filter starts; mmcv takes He's uniform initialiser
 * by fan-in for version 1, `uniformWithin(1 / √(inChannels · kernel²))` for 2.
 * @returns The layer: [B, H, W, inChannels] to
 * [B, ⌊(H + 2·padding − kernel) / stride⌋ + 1, …, outChannels].
 * @throws {RangeError} If the groups don't divide the channels.
 * @see Dai et al., Deformable Convolutional Networks, ICCV 2017, section 2.1; Zhu
 * et al., Deformable ConvNets v2, CVPR 2019, section 3.2; mmcv,
 * `DeformConv2dPack` (version 1) and `ModulatedDeformConv2dPack` (version 2), whose
 * bias the detectors do without.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { deformableConv } from "ldlab/nn/deformable_conv.ts";
 * import { constant } from "ldlab/nn/initializers.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const layer = deformableConv(openScope({ seed: 1 }).scope, {
 *   inChannels: 1, outChannels: 1, kernel: 3, stride: 2, modulated: true, weight: constant(1),
 * });
 * const y = layer(tf.ones([1, 4, 4, 1]));
 * // Half of 4 ones in the corner and 9 inside, as a plain convolution's.
 * assert.deepEqual([...await y.data()], [2, 3, 3, 4.5]);
 * ```
 */
export function deformableConv(
  scope: Scope,
  {
    inChannels,
    outChannels,
    kernel,
    stride = 1,
    padding = (kernel - 1) / 2,
    groups = 1,
    deformGroups = 1,
    modulated,
    weight,
  }: {
    inChannels: number;
    outChannels: number;
    kernel: number;
    stride?: number;
    padding?: number;
    groups?: number;
    deformGroups?: number;
    modulated: boolean;
    weight: Initializer;
  },
): Layer {
  const divides = (name: string, count: number, channels: number[]) => {
    if (channels.every((n) => Number.isInteger(n / count))) return;
    throw new RangeError(
      `Cannot make a deformable convolution: ${name} must divide ` +
        `${channels.join(" and ")}: current value is ${count}`,
    );
  };
  divides("groups", groups, [inChannels, outChannels]);
  divides("deformGroups", deformGroups, [inChannels]);
  const filter = scope.parameter(
    "weight",
    [kernel, kernel, inChannels / groups, outChannels],
    weight,
  ) as tf.Variable<tf.Rank.R4>;
  const taps = deformGroups * kernel * kernel;
  const where = conv2d(scope.child("conv_offset"), {
    inChannels,
    outChannels: taps * (modulated ? 3 : 2),
    kernel,
    stride,
    padding,
    weight: constant(0),
    bias: constant(0),
  });
  return (x) => {
    const found = where(x);
    if (!modulated) return deformConv2d(x, found, filter, { stride, padding });
    const [offsets, logits] = tf.split<tf.Tensor4D>(found, [2 * taps, taps], 3);
    const mask = tf.sigmoid(logits);
    return deformConv2d(x, offsets, filter, { mask, stride, padding });
  };
}
