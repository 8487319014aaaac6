import * as tf from "@tensorflow/tfjs-core";
import { conv2d } from "../nn/conv2d.ts";
import { constant, xavierUniform } from "../nn/initializers.ts";
import { double } from "../nn/resize.ts";
import type { Scope } from "../nn/scope.ts";

/**
 * Makes a feature pyramid: P3 to P5 from C3 to C5, each with what the coarser
 * levels saw, and P6 and P7 by further stride-2 convolutions on P5.
 *
 * Mi = lateral(Ci) + doubled Mi+1;  Pi = conv(Mi);  P6 = conv(P5), P7 = conv(P6)
 *
 * There is no activation and no norm, between P6 and P7 neither.
 *
 * @param scope Where `lateral_convs.0` to `.2` and `fpn_convs.0` to `.4` are
 * made, each with `conv.weight` and `conv.bias`.
 * @param options.inChannels Channels of C3, C4 and C5.
 * @param options.outChannels Channels of every level.
 * @returns The neck: [C3, C4, C5] to [P3, …, P7], strides 8 to 128.
 * @see Lin et al., "Feature Pyramid Networks", CVPR 2017, section 3; MMDetection's
 * `FPN(start_level=1, add_extra_convs="on_output", num_outs=5)`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { fpn } from "ldlab/detectors/fpn.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const { scope } = openScope({ seed: 1 });
 * const neck = fpn(scope, { inChannels: [2, 4, 8], outChannels: 3 });
 * const levels = neck([tf.ones([1, 9, 8, 2]), tf.ones([1, 5, 4, 4]), tf.ones([1, 3, 2, 8])]);
 * assert.deepEqual(levels.map(({ shape }) => shape[1]), [9, 5, 3, 2, 1]);
 * ```
 */
export function fpn(
  scope: Scope,
  { inChannels, outChannels }: {
    inChannels: readonly number[];
    outChannels: number;
  },
): (stages: readonly tf.Tensor4D[]) => tf.Tensor4D[] {
  const make = (name: string, channels: number, kernel: number, stride = 1) =>
    conv2d(scope.child(name).child("conv"), {
      inChannels: channels,
      outChannels,
      kernel,
      stride,
      weight: xavierUniform(),
      bias: constant(0),
    });
  const laterals = inChannels.map((channels, i) =>
    make(`lateral_convs.${i}`, channels, 1)
  );
  const outputs = inChannels.map((_, i) =>
    make(`fpn_convs.${i}`, outChannels, 3)
  );
  const extra = [0, 1].map((i) =>
    make(`fpn_convs.${inChannels.length + i}`, outChannels, 3, 2)
  );
  return (stages) => {
    const merged = stages.map((stage, i) => laterals[i](stage));
    for (let i = merged.length - 2; i >= 0; i--) {
      const [, height, width] = merged[i].shape;
      merged[i] = tf.add(merged[i], double(merged[i + 1], [height, width]));
    }
    const levels = merged.map((level, i) => outputs[i](level));
    for (const layer of extra) levels.push(layer(levels[levels.length - 1]));
    return levels;
  };
}
