import type { Scope } from "../nn/scope.ts";
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
  { depth, style, baseWidth, frozenStages, normEval }: {
    depth: 18 | 34 | 50 | 101;
    style?: ResNetStyle;
    baseWidth: number;
    frozenStages: number;
    normEval: boolean;
  },
): Backbone {
  const basic = depth < 50;
  return residualBackbone(scope, {
    depth,
    baseWidth,
    expansion: basic ? EXPANSION.basic : EXPANSION.bottleneck,
    frozenStages,
    makeStem: (scope) => stem(scope, { outChannels: baseWidth, normEval }),
    makeBlock: (scope, { inChannels, width, stride }) => {
      const options = { inChannels, width, stride, normEval };
      return basic
        ? basicBlock(scope, options)
        : bottleneck(scope, { ...options, style });
    },
  });
}
