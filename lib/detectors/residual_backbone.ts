import type * as tf from "@tensorflow/tfjs-core";
import type { NormLayer } from "../nn/batch_norm.ts";
import { maxPool } from "../nn/max_pool.ts";
import type { Scope } from "../nn/scope.ts";
import type { DeformableStages } from "./backbone_config.ts";

// How many blocks each stage has, by the number of layers.
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

/** Where a block stands in its backbone. */
export interface BlockPlace {
  /** Channels of the input. */
  readonly inChannels: number;
  /** Channels of the stage before expansion. */
  readonly width: number;
  /** 2 in the first block of all stages but the first. */
  readonly stride: 1 | 2;
  /** Whether it is the first block of its stage. */
  readonly first: boolean;
  /** Version of the deformable convolutions of its stage; null for none. */
  readonly deformable: 1 | 2 | null;
}

/**
 * Makes what ResNet, ResNeXt and Res2Net share: a stem, a pooling and four stages
 * of residual blocks, each stage but the first with half the side and twice the
 * width of the one before. Use it for a backbone with a block of your own.
 *
 * @param scope Where the stem, and `layer1.0`, `layer1.1`, … are made.
 * @param options.depth How many blocks the stages have: 18, 34, 50 or 101.
 * @param options.baseWidth Channels of the stem's output and of the first stage
 * before expansion.
 * @param options.expansion How many times a block's output is wider than its
 * stage.
 * @param options.frozenStages Stages kept from training, the stem being 0; −1
 * for none. Their batch norms keep their running statistics.
 * @param options.deformable Stages with deformable convolutions; null for none.
 * @param options.makeStem Makes a layer from [B, H, W, 3] to
 * [B, H/2, W/2, baseWidth].
 * @param options.makeBlock Makes a layer from [B, H, W, inChannels] to
 * [B, H/stride, W/stride, expansion · width].
 * @returns The backbone.
 * @see He et al., "Deep Residual Learning", CVPR 2016, table 1.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { residualBackbone } from "ldlab/detectors/residual_backbone.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const widths: number[] = [];
 * const { channels } = residualBackbone(openScope({ seed: 1 }).scope, {
 *   depth: 18, baseWidth: 8, expansion: 4, frozenStages: -1,
 *   makeStem: () => (x) => x,
 *   makeBlock: (_, { width }) => (widths.push(width), (x) => x),
 * });
 * assert.deepEqual(widths, [8, 8, 16, 16, 32, 32, 64, 64]);
 * assert.deepEqual(channels, [32, 64, 128, 256]);
 * ```
 */
export function residualBackbone(
  scope: Scope,
  {
    depth,
    baseWidth,
    expansion,
    frozenStages,
    deformable = null,
    makeStem,
    makeBlock,
  }: {
    depth: keyof typeof BLOCKS;
    baseWidth: number;
    expansion: number;
    frozenStages: number;
    deformable?: DeformableStages | null;
    makeStem: (scope: Scope) => NormLayer;
    makeBlock: (scope: Scope, place: BlockPlace) => NormLayer;
  },
): Backbone {
  const stem = makeStem(scope.child("", { frozen: frozenStages >= 0 }));
  let inChannels = baseWidth;
  const channels: number[] = [];
  const stages = BLOCKS[depth].map((count, index) => {
    const stage = index + 1;
    const stageScope = scope.child(`layer${stage}`, {
      frozen: frozenStages >= stage,
    });
    const width = baseWidth * 2 ** index;
    const version = deformable?.stages.some((one) => one === stage)
      ? deformable.version
      : null;
    const blocks: NormLayer[] = [];
    for (let block = 0; block < count; block++) {
      const first = block === 0;
      const stride = first && stage > 1 ? 2 : 1;
      blocks.push(makeBlock(stageScope.child(`${block}`), {
        inChannels,
        width,
        stride,
        first,
        deformable: version,
      }));
      inChannels = width * expansion;
    }
    channels.push(inChannels);
    return blocks;
  });
  return {
    channels,
    forward: (images, training) => {
      let x = stem(images, training);
      x = maxPool(x, { kernel: 3, stride: 2, padding: 1 });
      return stages.map((blocks) => {
        for (const block of blocks) x = block(x, training);
        return x;
      });
    },
  };
}
