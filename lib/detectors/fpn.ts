import * as tf from "@tensorflow/tfjs-core";
import { conv2d } from "../nn/conv2d.ts";
import { constant, xavierUniform } from "../nn/initializers.ts";
import { relu } from "../nn/relu.ts";
import { double } from "../nn/resize.ts";
import type { Scope } from "../nn/scope.ts";

/** What a feature pyramid makes P6 and P7 from, and how. */
export interface ExtraLevels {
  /** P6 is made from P5 ("onOutput") or from C5 ("onInput"). "onOutput". */
  readonly extraLevels?: "onOutput" | "onInput";
  /** Whether P7 is made from ReLU(P6) and not from P6. false. */
  readonly reluBeforeExtra?: boolean;
}

/**
 * Makes a feature pyramid: P3 to P5 from C3 to C5, each with what the coarser
 * levels saw, and P6 and P7 by further stride-2 convolutions.
 *
 * Mi = lateral(Ci) + doubled Mi+1;  Pi = conv(Mi);
 * P6 = conv(P5), or conv(C5);  P7 = conv(P6), or conv(ReLU(P6))
 *
 * There is no norm. GFL and ATSS make P6 from P5 and have no ReLU; FCOS has both.
 * RetinaNet makes P6 from C5; its paper and torchvision then have the ReLU,
 * MMDetection has not.
 *
 * @param scope Where `lateral_convs.0` to `.2` and `fpn_convs.0` to `.4` are
 * made, each with `conv.weight` and `conv.bias`.
 * @param options.inChannels Channels of C3, C4 and C5.
 * @param options.outChannels Channels of every level.
 * @param options.extraLevels "onOutput" if not given.
 * @param options.reluBeforeExtra false if not given.
 * @returns The neck: [C3, C4, C5] to [P3, …, P7], strides 8 to 128.
 * @throws {RangeError} If extraLevels is neither of the two.
 * @see Lin et al., "Feature Pyramid Networks", CVPR 2017, section 3, and "Focal
 * Loss", ICCV 2017, section 4; MMDetection's
 * `FPN(start_level=1, add_extra_convs, relu_before_extra_convs, num_outs=5)`.
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
  {
    inChannels,
    outChannels,
    extraLevels = "onOutput",
    reluBeforeExtra = false,
  }: ExtraLevels & {
    inChannels: readonly number[];
    outChannels: number;
  },
): (stages: readonly tf.Tensor4D[]) => tf.Tensor4D[] {
  if (extraLevels !== "onOutput" && extraLevels !== "onInput") {
    throw new RangeError(
      `Cannot make a feature pyramid: extraLevels must be 'onOutput' or 'onInput': current value is ${extraLevels}`,
    );
  }
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
  const [sixth, seventh] = [
    extraLevels === "onInput" ? inChannels[inChannels.length - 1] : outChannels,
    outChannels,
  ].map((channels, i) =>
    make(`fpn_convs.${inChannels.length + i}`, channels, 3, 2)
  );
  return (stages) => {
    const merged = stages.map((stage, i) => laterals[i](stage));
    for (let i = merged.length - 2; i >= 0; i--) {
      const [, height, width] = merged[i].shape;
      merged[i] = tf.add(merged[i], double(merged[i + 1], [height, width]));
    }
    const levels = merged.map((level, i) => outputs[i](level));
    const last = (extraLevels === "onInput" ? stages : levels).at(-1)!;
    const p6 = sixth(last);
    const p7 = seventh(reluBeforeExtra ? relu(p6) : p6);
    return [...levels, p6, p7];
  };
}
