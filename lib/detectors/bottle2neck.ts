import * as tf from "@tensorflow/tfjs-core";
import type { NormLayer } from "../nn/batch_norm.ts";
import { avgPool } from "../nn/avg_pool.ts";
import { relu } from "../nn/relu.ts";
import type { Scope } from "../nn/scope.ts";
import { backboneNorm, type NormEval } from "./backbone_norm.ts";
import { backboneConv } from "./backbone_conv.ts";
import { convNorm } from "./conv_norm.ts";
import { downsample } from "./downsample.ts";
import { EXPANSION } from "./residual_block.ts";

/** What a block of Res2Net is built from. */
export interface Bottle2neckOptions {
  /** Channels of the input. */
  readonly inChannels: number;
  /** A quarter of the output's channels. */
  readonly width: number;
  /** Channels of each part. */
  readonly partWidth: number;
  /** Parts, 2 or more. */
  readonly scales: number;
  /** Stride of the 3 × 3 convolutions. */
  readonly stride: 1 | 2;
  /** Whether it is the first block of its stage: its parts do not add up. */
  readonly first: boolean;
  /** Version of deformable 3 × 3 convolutions; plain ones if null or not given. */
  readonly deformable?: 1 | 2 | null;
  /** Whether training leaves batch norms' running statistics alone. */
  readonly normEval: NormEval;
}

/**
 * Makes the block of Res2Net: a bottleneck whose middle is cut into parts, each of
 * which is convolved after the one before was added to it. The last part is passed
 * on, so that the block sees at as many scales as there are parts.
 *
 * x1 … xs = the parts of ReLU(bn1(conv1(x)))
 * y1 = K1(x1);  yi = Ki(xi + yi−1);  ys = xs, for Ki = ReLU(bns.i(convs.i(·)))
 * y = ReLU(bn3(conv3(y1 … ys)) + shortcut(x))
 *
 * The first block of a stage has yi = Ki(xi), and of stride 2 the mean of 3 × 3
 * cells for ys. The short cut, where the shape changes, is a mean of 2 × 2 cells
 * (`avg_down`), a 1 × 1 convolution and a norm. All norms' scales start at 1, as
 * MMDetection's.
 *
 * @param scope Where `conv1`, `bn1`, `conv3`, `bn3`, `convs.0` …, `bns.0` … and, if
 * the shape changes, `downsample.1` and `downsample.2` are made.
 * @param options See {@linkcode Bottle2neckOptions}.
 * @returns The block: [B, H, W, inChannels] to
 * [B, H/stride, W/stride, 4 · width].
 * @throws {RangeError} If there are fewer than 2 parts.
 * @see Gao et al., "Res2Net", TPAMI 2021, eq. 1, which passes the first part on and
 * not the last, and has no other rule for first blocks. It is here as in the
 * released code and MMDetection's `Bottle2neck`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { bottle2neck } from "ldlab/detectors/bottle2neck.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const block = bottle2neck(openScope({ seed: 1 }).scope, {
 *   inChannels: 2, width: 4, partWidth: 3, scales: 4, stride: 2, first: true,
 *   normEval: false,
 * });
 * assert.deepEqual(block(tf.ones([1, 5, 6, 2]), false).shape, [1, 3, 3, 16]);
 * ```
 */
export function bottle2neck(
  scope: Scope,
  {
    inChannels,
    width,
    partWidth,
    scales,
    stride,
    first,
    deformable,
    normEval,
  }: Bottle2neckOptions,
): NormLayer {
  if (!(Number.isInteger(scales) && scales >= 2)) {
    throw new RangeError(
      `Cannot build Res2Net: scales must be a whole number above 1: current value is ${scales}`,
    );
  }
  const wide = width * EXPANSION.bottleneck;
  const reduce = convNorm(scope, "conv1", "bn1", {
    inChannels,
    outChannels: partWidth * scales,
    kernel: 1,
    normEval,
  });
  const widen = convNorm(scope, "conv3", "bn3", {
    inChannels: partWidth * scales,
    outChannels: wide,
    kernel: 1,
    normEval,
  });
  const shortcut = downsample(scope, {
    inChannels,
    outChannels: wide,
    stride,
    normEval,
    pooled: true,
  });
  // In MMDetection's order: all convolutions, then all norms.
  const convs = Array.from(
    { length: scales - 1 },
    (_, i) =>
      backboneConv(scope.child("convs").child(`${i}`), {
        inChannels: partWidth,
        outChannels: partWidth,
        kernel: 3,
        stride,
        deformable,
      }),
  );
  const norms = convs.map((_, i) =>
    backboneNorm(scope.child("bns").child(`${i}`), {
      channels: partWidth,
      normEval,
    })
  );
  return (x, training) => {
    const h = relu(reduce(x, training));
    const parts = tf.split<tf.Tensor4D>(h, scales, 3); // [B, H, W, partWidth]
    const seen: tf.Tensor4D[] = [];
    for (const [i, conv] of convs.entries()) {
      const part = first || i === 0 ? parts[i] : tf.add(seen[i - 1], parts[i]);
      seen.push(relu(norms[i](conv(part as tf.Tensor4D), training)));
    }
    const last = parts[scales - 1];
    seen.push(
      stride === 1 ? last : avgPool(last, { kernel: 3, stride, padding: 1 }),
    );
    const y = widen(tf.concat(seen, 3), training); // [B, H', W', 4 · width]
    return relu(tf.add(y, shortcut(x, training)));
  };
}
