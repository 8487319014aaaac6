import type { NormLayer } from "../nn/batch_norm.ts";
import type { Scope } from "../nn/scope.ts";
import { backboneConv, type BackboneConvOptions } from "./backbone_conv.ts";
import {
  type BackboneNorm,
  backboneNorm,
  type NormEval,
} from "./backbone_norm.ts";

/**
 * Makes what ResNets are built from: a convolution without bias, by Kaiming's
 * rule, and a norm, which has one.
 *
 * @param scope Where both are made.
 * @param convName Name of the convolution.
 * @param normName Name of the norm.
 * @param options.inChannels Channels of the input.
 * @param options.outChannels Channels of the output.
 * @param options.kernel Side of the filter in pixels, odd.
 * @param options.stride 1 if not given.
 * @param options.groups Groups of the convolution; 1 if not given.
 * @param options.deformable Version of a deformable convolution; a plain one if
 * null or not given.
 * @param options.norm "batch" if not given.
 * @param options.normEval What training leaves of batch norms alone.
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
  convName: string,
  normName: string,
  { norm, normEval, last, ...convolution }: BackboneConvOptions & {
    norm?: BackboneNorm;
    normEval: NormEval;
    last?: boolean;
  },
): NormLayer {
  const convolve = backboneConv(scope.child(convName), convolution);
  const normalize = backboneNorm(scope.child(normName), {
    channels: convolution.outChannels,
    norm,
    normEval,
    last,
  });
  return (x, training) => normalize(convolve(x), training);
}
