import { batchNorm, type NormLayer } from "../nn/batch_norm.ts";
import { conv2d } from "../nn/conv2d.ts";
import { constant, kaimingNormal } from "../nn/initializers.ts";
import type { Scope } from "../nn/scope.ts";

/**
 * Makes what ResNets are built from: a convolution without bias, by Kaiming's
 * rule, and a batch norm, which has one.
 *
 * @param scope Where both are made.
 * @param conv Name of the convolution.
 * @param norm Name of the batch norm.
 * @param options.inChannels Channels of the input.
 * @param options.outChannels Channels of the output.
 * @param options.kernel Side of the filter in pixels, odd.
 * @param options.stride 1 if not given.
 * @param options.groups Groups of the convolution; 1 if not given.
 * @param options.normEval Whether training leaves the running statistics alone.
 * @param options.last Whether it ends a residual branch; its scale then starts
 * at 0 and not at 1.
 * @returns The layer: [B, H, W, inChannels] to [B, H/stride, W/stride, outChannels].
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { convNorm } from "ldlab/detectors/conv_norm.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const { scope } = openScope({ seed: 1 });
 * const layer = convNorm(scope, "conv1", "bn1", {
 *   inChannels: 3, outChannels: 8, kernel: 7, stride: 2, normEval: false,
 * });
 * assert.deepEqual(layer(tf.ones([1, 6, 9, 3]), true).shape, [1, 3, 5, 8]);
 * ```
 */
export function convNorm(
  scope: Scope,
  conv: string,
  norm: string,
  {
    inChannels,
    outChannels,
    kernel,
    stride = 1,
    groups,
    normEval,
    last = false,
  }: {
    inChannels: number;
    outChannels: number;
    kernel: number;
    stride?: number;
    groups?: number;
    normEval: boolean;
    last?: boolean;
  },
): NormLayer {
  const convolve = conv2d(scope.child(conv), {
    inChannels,
    outChannels,
    kernel,
    stride,
    groups,
    weight: kaimingNormal(),
  });
  const normalize = batchNorm(scope.child(norm), {
    channels: outChannels,
    weight: constant(last ? 0 : 1),
    frozenStatistics: normEval,
  });
  return (x, training) => normalize(convolve(x), training);
}
