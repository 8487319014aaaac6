import type { NormLayer } from "../nn/batch_norm.ts";
import { relu } from "../nn/relu.ts";
import type { Scope } from "../nn/scope.ts";
import {
  type BackboneNorm,
  NORM_NAMES,
  type NormEval,
} from "./backbone_norm.ts";
import { convNorm } from "./conv_norm.ts";

/**
 * Makes the first layer of ResNet and ResNeXt: a 7 × 7 convolution of stride 2.
 *
 * y = ReLU(bn1(conv1(x)))
 *
 * @param scope Where `conv1` and `bn1`, or `gn1`, are made.
 * @param options.outChannels Channels of the output.
 * @param options.norm "batch" if not given.
 * @param options.normEval What training leaves of batch norms alone.
 * @returns The layer: [B, H, W, 3] to [B, H/2, W/2, outChannels].
 * @see He et al., "Deep Residual Learning", CVPR 2016, table 1.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { stem } from "ldlab/detectors/stem.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const { scope } = openScope({ seed: 1 });
 * const layer = stem(scope, { outChannels: 8, normEval: false });
 * assert.deepEqual(layer(tf.ones([1, 6, 9, 3]), false).shape, [1, 3, 5, 8]);
 * ```
 */
export function stem(
  scope: Scope,
  { outChannels, norm = "batch", normEval }: {
    outChannels: number;
    norm?: BackboneNorm;
    normEval: NormEval;
  },
): NormLayer {
  const layer = convNorm(scope, "conv1", `${NORM_NAMES[norm]}1`, {
    inChannels: 3,
    outChannels,
    kernel: 7,
    stride: 2,
    norm,
    normEval,
  });
  return (x, training) => relu(layer(x, training));
}
