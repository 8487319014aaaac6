import type { NormLayer } from "../nn/batch_norm.ts";
import { halve } from "../nn/halve.ts";
import type { Scope } from "../nn/scope.ts";
import type { BackboneNorm, NormEval } from "./backbone_norm.ts";
import { convNorm } from "./conv_norm.ts";

/**
 * Makes the short cut of a residual block: the input as it is, or through a
 * 1 × 1 convolution and its norm where the shape changes. All blocks have it.
 *
 * @param scope Where `downsample.…` is made.
 * @param options.inChannels Channels of the block's input.
 * @param options.outChannels Channels of its output.
 * @param options.stride How many pixels of the input there are for one of the
 * output, a side.
 * @param options.norm "batch" if not given.
 * @param options.normEval What training leaves of batch norms alone.
 * @param options.pooled Whether pixels are averaged rather than skipped, as
 * MMDetection's `avg_down`; parameters are `1` and `2` then, else `0` and `1`.
 * @returns The short cut: [B, H, W, inChannels] to
 * [B, H/stride, W/stride, outChannels].
 */
export function downsample(
  scope: Scope,
  { inChannels, outChannels, stride, norm, normEval, pooled = false }: {
    inChannels: number;
    outChannels: number;
    stride: number;
    norm?: BackboneNorm;
    normEval: NormEval;
    pooled?: boolean;
  },
): NormLayer {
  if (stride === 1 && inChannels === outChannels) return (x) => x;
  const [first, second] = pooled ? ["1", "2"] : ["0", "1"];
  const layer = convNorm(scope.child("downsample"), first, second, {
    inChannels,
    outChannels,
    kernel: 1,
    stride: pooled ? 1 : stride,
    norm,
    normEval,
  });
  if (!pooled || stride === 1) return layer;
  return (x, training) => layer(halve(x), training);
}
