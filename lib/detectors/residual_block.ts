import * as tf from "@tensorflow/tfjs-core";
import type { NormLayer } from "../nn/batch_norm.ts";
import { relu } from "../nn/relu.ts";
import type { Scope } from "../nn/scope.ts";
import {
  type BackboneNorm,
  NORM_NAMES,
  type NormEval,
} from "./backbone_norm.ts";
import { convNorm } from "./conv_norm.ts";
import { downsample } from "./downsample.ts";

/** What a residual block is built from. */
export interface ResidualBlockOptions {
  /** Channels of the input. */
  readonly inChannels: number;
  /** Channels of the block's 3 × 3 convolutions, and its output's over expansion. */
  readonly width: number;
  /** How many pixels of the input there are for one of the output, a side. */
  readonly stride: 1 | 2;
  /** Its norms; "batch" if not given. */
  readonly norm?: BackboneNorm;
  /** Whether training leaves batch norms' running statistics alone. */
  readonly normEval: NormEval;
}

/** Which of a bottleneck's convolutions has its stride. */
export type ResNetStyle = "pytorch" | "caffe";

/** What a bottleneck is built from. */
export interface BottleneckOptions extends ResidualBlockOptions {
  /**
   * "pytorch": its 3 × 3 convolution has the stride; "caffe": its first 1 × 1
   * convolution, as in the paper's own weights. "pytorch" if not given.
   */
  readonly style?: ResNetStyle;
  /** Channels of its 3 × 3 convolution; `width` if not given. */
  readonly middleWidth?: number;
  /** Groups of its 3 × 3 convolution; 1 if not given. */
  readonly groups?: number;
  /** Version of a deformable 3 × 3 convolution; a plain one if null or not given. */
  readonly deformable?: 1 | 2 | null;
  /**
   * Whether the last norm's scale starts at 0, so that a fresh block is its short
   * cut; true if not given.
   */
  readonly zeroLast?: boolean;
}

/** How many times a block's output is wider than its `width`. */
export const EXPANSION = { basic: 1, bottleneck: 4 } as const;

/**
 * Makes the block of ResNet-18 and ResNet-34: two 3 × 3 convolutions beside a
 * short cut.
 *
 * y = ReLU(bn2(conv2(ReLU(bn1(conv1(x))))) + shortcut(x))
 *
 * The last norm's scale starts at 0, so that a fresh block is its short cut.
 *
 * @param scope Where `conv1`, `bn1`, `conv2`, `bn2` and, if the shape changes,
 * `downsample.0` and `downsample.1` are made; group norms are `gn1` and `gn2`.
 * @param options See {@linkcode ResidualBlockOptions}.
 * @returns The block: [B, H, W, inChannels] to [B, H/stride, W/stride, width].
 * @see He et al., "Deep Residual Learning", CVPR 2016, figure 5 left.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { basicBlock } from "ldlab/detectors/residual_block.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const { scope } = openScope({ seed: 1 });
 * const block = basicBlock(scope, { inChannels: 2, width: 4, stride: 2, normEval: false });
 * assert.deepEqual(block(tf.ones([1, 5, 6, 2]), false).shape, [1, 3, 3, 4]);
 * ```
 */
export function basicBlock(
  scope: Scope,
  { inChannels, width, stride, norm = "batch", normEval }: ResidualBlockOptions,
): NormLayer {
  const unit = (index: number, channels: number, step: number, last: boolean) =>
    convNorm(scope, `conv${index}`, `${NORM_NAMES[norm]}${index}`, {
      inChannels: channels,
      outChannels: width,
      kernel: 3,
      stride: step,
      norm,
      normEval,
      last,
    });
  const first = unit(1, inChannels, stride, false);
  const second = unit(2, width, 1, true);
  const shortcut = downsample(scope, {
    inChannels,
    outChannels: width,
    stride,
    norm,
    normEval,
  });
  return (x, training) => {
    const h = relu(first(x, training));
    return relu(tf.add(second(h, training), shortcut(x, training)));
  };
}

/**
 * Makes the block of ResNet-50 and ResNet-101, and of ResNeXt: a 3 × 3 convolution
 * between two of 1 × 1, beside a short cut.
 *
 * y = ReLU(bn3(conv3(ReLU(bn2(conv2(ReLU(bn1(conv1(x)))))))) + shortcut(x))
 *
 * @param scope Where `conv1`, `bn1`, … `bn3` and, if the shape changes,
 * `downsample.0` and `downsample.1` are made; group norms are `gn1` to `gn3`.
 * @param options See {@linkcode BottleneckOptions}.
 * @returns The block: [B, H, W, inChannels] to
 * [B, H/stride, W/stride, 4 · width].
 * @see He et al., "Deep Residual Learning", CVPR 2016, figure 5 right, which has
 * the stride in the first convolution; torchvision and MMDetection's default
 * have it in the second. Xie et al., "Aggregated Residual Transformations for
 * Deep Neural Networks", CVPR 2017, figure 3c, for groups.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { bottleneck } from "ldlab/detectors/residual_block.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const { scope } = openScope({ seed: 1 });
 * const block = bottleneck(scope, { inChannels: 2, width: 4, stride: 2, normEval: false });
 * assert.deepEqual(block(tf.ones([1, 5, 6, 2]), false).shape, [1, 3, 3, 16]);
 * ```
 */
export function bottleneck(
  scope: Scope,
  {
    inChannels,
    width,
    stride,
    norm = "batch",
    normEval,
    style = "pytorch",
    middleWidth = width,
    groups,
    deformable,
    zeroLast = true,
  }: BottleneckOptions,
): NormLayer {
  const wide = width * EXPANSION.bottleneck;
  const name = NORM_NAMES[norm];
  const reduce = convNorm(scope, "conv1", `${name}1`, {
    inChannels,
    outChannels: middleWidth,
    kernel: 1,
    stride: style === "caffe" ? stride : 1,
    norm,
    normEval,
  });
  const middle = convNorm(scope, "conv2", `${name}2`, {
    inChannels: middleWidth,
    outChannels: middleWidth,
    kernel: 3,
    groups,
    deformable,
    stride: style === "caffe" ? 1 : stride,
    norm,
    normEval,
  });
  const widen = convNorm(scope, "conv3", `${name}3`, {
    inChannels: middleWidth,
    outChannels: wide,
    kernel: 1,
    norm,
    normEval,
    last: zeroLast,
  });
  const shortcut = downsample(scope, {
    inChannels,
    outChannels: wide,
    stride,
    norm,
    normEval,
  });
  return (x, training) => {
    const h = relu(reduce(x, training));
    const y = widen(relu(middle(h, training)), training);
    return relu(tf.add(y, shortcut(x, training)));
  };
}
