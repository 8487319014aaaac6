import type { Scope } from "../nn/scope.ts";
import type { DeformableStages } from "./backbone_config.ts";
import type { BackboneNorm, NormEval } from "./backbone_norm.ts";
import { type Backbone, residualBackbone } from "./residual_backbone.ts";
import {
  basicBlock,
  bottleneck,
  EXPANSION,
  type ResNetStyle,
} from "./residual_block.ts";
import { stem } from "./stem.ts";

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
 * @param options.norm "batch" if not given; "group" makes group norms, named `gn1`
 * and so on.
 * @param options.deformable Stages whose 3 × 3 convolutions are deformable; none if
 * null or not given. Their offsets start at 0; `conv_offset` is frozen with its
 * stage.
 * @param options.normEval What training leaves of batch norms alone.
 * @returns The backbone.
 * @throws {RangeError} If basic blocks are to be deformable, or 32 groups do not
 * divide the channels of group norms.
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
  { depth, style, baseWidth, frozenStages, norm, deformable, normEval }: {
    depth: 18 | 34 | 50 | 101;
    style?: ResNetStyle;
    baseWidth: number;
    frozenStages: number;
    norm?: BackboneNorm;
    deformable?: DeformableStages | null;
    normEval: NormEval;
  },
): Backbone {
  const basic = depth < 50;
  if (basic && deformable) {
    throw new RangeError(
      `Cannot build ResNet: depth must be 50 or 101 for deformable stages: current value is ${depth}`,
    );
  }
  return residualBackbone(scope, {
    depth,
    baseWidth,
    expansion: basic ? EXPANSION.basic : EXPANSION.bottleneck,
    frozenStages,
    deformable,
    makeStem: (scope) =>
      stem(scope, { outChannels: baseWidth, norm, normEval }),
    makeBlock: (scope, { inChannels, width, stride, deformable }) => {
      const options = { inChannels, width, stride, norm, normEval };
      return basic
        ? basicBlock(scope, options)
        : bottleneck(scope, { ...options, style, deformable });
    },
  });
}
