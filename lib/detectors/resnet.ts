import type * as tf from "@tensorflow/tfjs-core";
import type { NormLayer } from "../nn/batch_norm.ts";
import { maxPool } from "../nn/max_pool.ts";
import { relu } from "../nn/relu.ts";
import type { Scope } from "../nn/scope.ts";
import { convNorm } from "./conv_norm.ts";
import {
  basicBlock,
  bottleneck,
  EXPANSION,
  type ResNetStyle,
} from "./residual_block.ts";

const BLOCKS = {
  18: [2, 2, 2, 2],
  34: [3, 4, 6, 3],
  50: [3, 4, 6, 3],
  101: [3, 4, 23, 3],
} as const;

/** A backbone: images in, a feature map for each stage out. */
export interface Backbone {
  /**
   * @param images [B, H, W, 3].
   * @param training Whether batch norms use the batch's statistics.
   * @returns C2 to C5, each [B, H/stride, W/stride, channels] of strides 4 to 32.
   */
  forward(images: tf.Tensor4D, training: boolean): tf.Tensor4D[];
  /** Channels of C2 to C5. */
  readonly channels: readonly number[];
}

/**
 * Makes a ResNet as a detector's backbone, of any width.
 *
 * @param scope Where `conv1`, `bn1` and `layer1` to `layer4` are made.
 * @param options.depth 18, 34 (basic blocks), 50 or 101 (bottlenecks).
 * @param options.style Which convolution of a bottleneck has its stride: the
 * 3 × 3 ("pytorch") or the first 1 × 1 ("caffe"). Basic blocks have no choice.
 * "pytorch" if not given.
 * @param options.baseWidth Channels of the stem and of the first stage before
 * expansion; each further stage doubles them.
 * @param options.frozenStages Stages kept from training, the stem being 0; −1
 * for none. Their batch norms keep their running statistics.
 * @param options.normEval Whether training leaves all running statistics alone.
 * @returns The backbone.
 * @see He et al., "Deep Residual Learning", CVPR 2016, table 1; MMDetection's
 * `ResNet`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { resnet } from "ldlab/detectors/resnet.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const { scope } = openScope({ seed: 1 });
 * const backbone = resnet(scope, {
 *   depth: 18, baseWidth: 4, frozenStages: -1, normEval: false,
 * });
 * const shapes = backbone.forward(tf.ones([1, 32, 64, 3]), false).map((c) => c.shape);
 * assert.deepEqual(shapes[0], [1, 8, 16, 4]);
 * assert.deepEqual(shapes[3], [1, 1, 2, 32]);
 * ```
 */
export function resnet(
  scope: Scope,
  { depth, style = "pytorch", baseWidth, frozenStages, normEval }: {
    depth: 18 | 34 | 50 | 101;
    style?: ResNetStyle;
    baseWidth: number;
    frozenStages: number;
    normEval: boolean;
  },
): Backbone {
  const [makeBlock, expansion] = depth < 50
    ? [basicBlock, EXPANSION.basic]
    : [bottleneck, EXPANSION.bottleneck];
  const stem = convNorm(
    scope.child("", { frozen: frozenStages >= 0 }),
    "conv1",
    "bn1",
    {
      inChannels: 3,
      outChannels: baseWidth,
      kernel: 7,
      stride: 2,
      normEval,
    },
  );
  let inChannels = baseWidth;
  const channels: number[] = [];
  const stages = BLOCKS[depth].map((count, index) => {
    const stage = scope.child(`layer${index + 1}`, {
      frozen: frozenStages > index,
    });
    const width = baseWidth * 2 ** index;
    const blocks: NormLayer[] = [];
    for (let i = 0; i < count; i++) {
      const stride = i === 0 && index > 0 ? 2 : 1;
      blocks.push(
        makeBlock(stage.child(`${i}`), {
          inChannels,
          width,
          stride,
          normEval,
          style,
        }),
      );
      inChannels = width * expansion;
    }
    channels.push(inChannels);
    return blocks;
  });
  return {
    channels,
    forward: (images, training) => {
      let x = relu(stem(images, training));
      x = maxPool(x, { kernel: 3, stride: 2, padding: 1 });
      return stages.map((blocks) => {
        for (const block of blocks) x = block(x, training);
        return x;
      });
    },
  };
}
