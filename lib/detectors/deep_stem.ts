import type { NormLayer } from "../nn/batch_norm.ts";
import { relu } from "../nn/relu.ts";
import type { Scope } from "../nn/scope.ts";
import type { NormEval } from "./backbone_norm.ts";
import { convNorm } from "./conv_norm.ts";

/**
 * Makes the first layers of Res2Net, and of ResNet's versions C and D: three 3 × 3
 * convolutions, the first of stride 2, in place of one of 7 × 7.
 *
 * Three times h = ReLU(norm(conv(h))); the first two have half the channels.
 *
 * @param scope Where `stem.0`, `stem.1`, `stem.3`, `stem.4`, `stem.6` and `stem.7`
 * are made, convolutions and norms in turn.
 * @param options.outChannels Channels of the output, even.
 * @param options.normEval What training leaves of batch norms alone.
 * @returns The layer: [B, H, W, 3] to [B, H/2, W/2, outChannels].
 * @throws {RangeError} If outChannels is odd.
 * @see He et al., "Bag of Tricks for Image Classification", CVPR 2019, figure 2b;
 * MMDetection's `deep_stem`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { deepStem } from "ldlab/detectors/deep_stem.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const { scope } = openScope({ seed: 1 });
 * const layer = deepStem(scope, { outChannels: 8, normEval: false });
 * assert.deepEqual(layer(tf.ones([1, 6, 9, 3]), false).shape, [1, 3, 5, 8]);
 * ```
 */
export function deepStem(
  scope: Scope,
  { outChannels, normEval }: { outChannels: number; normEval: NormEval },
): NormLayer {
  if (outChannels % 2 !== 0) {
    throw new RangeError(
      `Cannot make a deep stem: outChannels must be even: current value is ${outChannels}`,
    );
  }
  const half = outChannels / 2;
  const layers = [[3, half], [half, half], [half, outChannels]].map((
    [inChannels, outChannels],
    i,
  ) =>
    convNorm(scope.child("stem"), `${3 * i}`, `${3 * i + 1}`, {
      inChannels,
      outChannels,
      kernel: 3,
      stride: i === 0 ? 2 : 1,
      normEval,
    })
  );
  return (x, training) =>
    layers.reduce((h, layer) => relu(layer(h, training)), x);
}
