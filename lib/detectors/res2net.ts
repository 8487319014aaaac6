import type { Scope } from "../nn/scope.ts";
import type { NormEval } from "./backbone_norm.ts";
import type { DeformableStages } from "./backbone_config.ts";
import { bottle2neck } from "./bottle2neck.ts";
import { deepStem } from "./deep_stem.ts";
import { type Backbone, residualBackbone } from "./residual_backbone.ts";
import { EXPANSION } from "./residual_block.ts";

/**
 * Makes a Res2Net as a detector's backbone, of any width: a ResNet whose blocks see
 * at several scales. It is version 1d: a deep stem, and short cuts that take means
 * before their convolution. Res2Net-101 26w4s, MMDetection's, has 4 parts of 26
 * channels in its first stage.
 *
 * channels of a part = ⌊width · baseWidthPerScale / baseWidth⌋
 *
 * where width is that of the stage, baseWidth · 2^(stage − 1).
 *
 * @param scope Where `stem` and `layer1` to `layer4` are made.
 * @param options.depth 50 or 101.
 * @param options.scales Parts of a block, 2 or more; "4" of 26w4s.
 * @param options.baseWidthPerScale Channels of a part in the first stage, "26" of
 * 26w4s, while `baseWidth` is 64; they shrink where that grows.
 * @param options.baseWidth Channels of the stem and of the first stage before
 * expansion, even, 64 as published; each further stage doubles them.
 * @param options.frozenStages Stages kept from training, the stem being 0; −1
 * for none. Their batch norms keep their running statistics.
 * @param options.deformable Stages whose 3 × 3 convolutions are deformable; none if
 * null or not given. Their offsets start at 0; `conv_offset` is frozen with its
 * stage.
 * @param options.normEval What training leaves of batch norms alone.
 * @returns The backbone.
 * @throws {RangeError} If a part has no channels, there are fewer than two, or
 * baseWidth is odd.
 * @see Gao et al., "Res2Net", TPAMI 2021, section 3; MMDetection's
 * `Res2Net(scales, base_width)`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import "@tensorflow/tfjs";
 * import { res2net } from "ldlab/detectors/res2net.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const { scope, variables } = openScope({ seed: null });
 * res2net(scope, {
 *   depth: 50, scales: 4, baseWidthPerScale: 26, baseWidth: 64,
 *   frozenStages: 1, normEval: true,
 * });
 * const { shape } = variables.parameters.get("layer2.0.convs.2.weight")!;
 * assert.deepEqual(shape, [3, 3, 52, 52]);
 * ```
 */
export function res2net(
  scope: Scope,
  {
    depth,
    scales,
    baseWidthPerScale,
    baseWidth,
    frozenStages,
    deformable,
    normEval,
  }: {
    depth: 50 | 101;
    scales: number;
    baseWidthPerScale: number;
    baseWidth: number;
    frozenStages: number;
    deformable?: DeformableStages | null;
    normEval: NormEval;
  },
): Backbone {
  if (!(baseWidthPerScale >= 1)) {
    throw new RangeError(
      `Cannot build Res2Net: baseWidthPerScale must be 1 or more: current value is ${baseWidthPerScale}`,
    );
  }
  return residualBackbone(scope, {
    depth,
    baseWidth,
    expansion: EXPANSION.bottleneck,
    frozenStages,
    deformable,
    makeStem: (scope) => deepStem(scope, { outChannels: baseWidth, normEval }),
    makeBlock: (scope, { inChannels, width, stride, first, deformable }) =>
      bottle2neck(scope, {
        inChannels,
        width,
        partWidth: Math.floor(width * (baseWidthPerScale / baseWidth)),
        scales,
        stride,
        first,
        deformable,
        normEval,
      }),
  });
}
