import type { Scope } from "../nn/scope.ts";
import type { NormEval } from "./backbone_norm.ts";
import type { DeformableStages } from "./backbone_config.ts";
import { type Backbone, residualBackbone } from "./residual_backbone.ts";
import { bottleneck, EXPANSION, type ResNetStyle } from "./residual_block.ts";
import { stem } from "./stem.ts";

/**
 * Makes a ResNeXt as a detector's backbone, of any width: a ResNet whose 3 × 3
 * convolutions are in groups. ResNeXt-101 32x4d has 32 groups of 4 channels in
 * its first stage.
 *
 * channels of the 3 × 3 = groups · ⌊width · baseWidthPerGroup / baseWidth⌋
 *
 * where width is that of the stage, baseWidth · 2^(stage − 1). Blocks start as
 * MMDetection's: unlike ResNet's, their last norms' scales start at 1.
 *
 * @param scope Where `conv1`, `bn1` and `layer1` to `layer4` are made.
 * @param options.depth 50 or 101.
 * @param options.groups Groups of the 3 × 3 convolutions, "32" of 32x4d. One
 * makes them as wide as a ResNet's, whatever the width of a group.
 * @param options.baseWidthPerGroup Channels of a group in the first stage, "4"
 * of 32x4d, while `baseWidth` is 64; they shrink where that grows.
 * @param options.style Which convolution of a block has its stride: the 3 × 3
 * ("pytorch") or the first 1 × 1 ("caffe"). "pytorch" if not given.
 * @param options.baseWidth Channels of the stem and of the first stage before
 * expansion, 64 as published; each further stage doubles them.
 * @param options.frozenStages Stages kept from training, the stem being 0; −1
 * for none. Their batch norms keep their running statistics.
 * @param options.deformable Stages whose 3 × 3 convolutions are deformable; none if
 * null or not given. Their offsets start at 0; `conv_offset` is frozen with its
 * stage.
 * @param options.normEval What training leaves of batch norms alone.
 * @returns The backbone.
 * @throws {RangeError} If groups is no whole number above 0, or no channel is
 * left for a group.
 * @see Xie et al., "Aggregated Residual Transformations for Deep Neural
 * Networks", CVPR 2017, table 1; MMDetection's `ResNeXt(groups, base_width)`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import "@tensorflow/tfjs";
 * import { resnext } from "ldlab/detectors/resnext.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const { scope, variables } = openScope({ seed: null });
 * resnext(scope, {
 *   depth: 50, groups: 32, baseWidthPerGroup: 4, baseWidth: 64,
 *   frozenStages: 1, normEval: true,
 * });
 * const { shape } = variables.parameters.get("layer2.0.conv2.weight")!;
 * assert.deepEqual(shape, [3, 3, 8, 256]);
 * ```
 */
export function resnext(
  scope: Scope,
  {
    depth,
    groups,
    baseWidthPerGroup,
    style,
    baseWidth,
    frozenStages,
    deformable,
    normEval,
  }: {
    depth: 50 | 101;
    groups: number;
    baseWidthPerGroup: number;
    style?: ResNetStyle;
    baseWidth: number;
    frozenStages: number;
    deformable?: DeformableStages | null;
    normEval: NormEval;
  },
): Backbone {
  if (!(Number.isInteger(groups) && groups > 0)) {
    throw new RangeError(
      `Cannot build ResNeXt: groups must be a whole number above 0: current value is ${groups}`,
    );
  }
  if (groups > 1 && !(baseWidthPerGroup >= 1)) {
    throw new RangeError(
      `Cannot build ResNeXt: baseWidthPerGroup must be 1 or more: current value is ${baseWidthPerGroup}`,
    );
  }
  return residualBackbone(scope, {
    depth,
    baseWidth,
    expansion: EXPANSION.bottleneck,
    frozenStages,
    deformable,
    makeStem: (scope) => stem(scope, { outChannels: baseWidth, normEval }),
    makeBlock: (scope, { inChannels, width, stride, deformable }) =>
      bottleneck(scope, {
        inChannels,
        width,
        middleWidth: groups === 1
          ? width
          : Math.floor(width * (baseWidthPerGroup / baseWidth)) * groups,
        groups,
        deformable,
        stride,
        style,
        normEval,
        zeroLast: false,
      }),
  });
}
