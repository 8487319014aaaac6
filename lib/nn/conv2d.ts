import * as tf from "@tensorflow/tfjs-core";
import type { Initializer } from "./initializers.ts";
import type { Scope } from "./scope.ts";

/** A layer: [B, H, W, C] in, [B, H', W', C'] out. */
export type Layer = (x: tf.Tensor4D) => tf.Tensor4D;

// G groups of channels: a filter is [kernel, kernel, inChannels / G, outChannels].

/**
 * Makes a convolution that pads as PyTorch does: by the same number of zeros on
 * all four sides. TensorFlow's "same" pads a stride-2 layer on the bottom and
 * right only, which shifts its output by half a stride.
 *
 * y[b,i,j,o] = bias[o] + Σ x[b, i·stride+u−padding, j·stride+v−padding, c] · weight[u,v,c,o]
 *
 * With groups, the channels of x and y are cut into as many equal runs, and each
 * run of y sees its own run of x only; c counts from the start of that run.
 *
 * @param scope Where `weight` [kernel, kernel, inChannels / groups, outChannels]
 * and `bias` [outChannels] are made.
 * @param options.inChannels Channels of x.
 * @param options.outChannels Channels of y.
 * @param options.kernel Side of the square filter, pixels.
 * @param options.stride 1 if not given.
 * @param options.padding Zeros on each side; (kernel − 1) / 2 if not given.
 * @param options.groups Divides inChannels and outChannels; 1 if not given.
 * @param options.weight How the filter starts.
 * @param options.bias How the bias starts; no bias if not given.
 * @returns The layer: [B, H, W, inChannels] to
 * [B, ⌊(H + 2·padding − kernel) / stride⌋ + 1, …, outChannels].
 * @throws {RangeError} If the groups do not divide both numbers of channels.
 * @see Xie et al., "Aggregated Residual Transformations for Deep Neural
 * Networks", CVPR 2017, section 4, for groups; PyTorch: `Conv2d`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { conv2d } from "ldlab/nn/conv2d.ts";
 * import { constant } from "ldlab/nn/initializers.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const { scope } = openScope({ seed: 1 });
 * const layer = conv2d(scope, {
 *   inChannels: 1, outChannels: 1, kernel: 3, stride: 2, weight: constant(1),
 * });
 * const y = layer(tf.ones([1, 4, 4, 1]));
 * // Windows are centred on pixels 0 and 2: 4 ones in the corner, 9 inside.
 * assert.deepEqual([...await y.data()], [4, 6, 6, 9]);
 * ```
 */
export function conv2d(
  scope: Scope,
  {
    inChannels,
    outChannels,
    kernel,
    stride = 1,
    padding,
    groups = 1,
    weight,
    bias,
  }: {
    inChannels: number;
    outChannels: number;
    kernel: number;
    stride?: number;
    padding?: number;
    groups?: number;
    weight: Initializer;
    bias?: Initializer;
  },
): Layer {
  if (
    !Number.isInteger(groups) || groups < 1 || inChannels % groups !== 0 ||
    outChannels % groups !== 0
  ) {
    throw new RangeError(
      `Cannot make a convolution: groups must divide the ${inChannels} input ` +
        `and ${outChannels} output channels: current value is ${groups}`,
    );
  }
  const pad = padding ?? (kernel - 1) / 2;
  const filter = scope.parameter(
    "weight",
    [kernel, kernel, inChannels / groups, outChannels],
    weight,
  ) as tf.Variable<tf.Rank.R4>;
  const offset = bias && scope.parameter("bias", [outChannels], bias);
  return (x) => {
    const y = convolve(x, filter, stride, pad);
    return offset ? tf.add(y, offset) : y;
  };
}

let meter: { multiplyAdds: number } | undefined;

/**
 * Counts the multiply-adds of the convolutions in a piece of code.
 *
 * @param run Runs layers; every convolution it calls is counted.
 * @returns The number of multiply-adds.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { conv2d, countMultiplyAdds } from "ldlab/nn/conv2d.ts";
 * import { constant } from "ldlab/nn/initializers.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const layer = conv2d(openScope({ seed: 1 }).scope, {
 *   inChannels: 2, outChannels: 5, kernel: 3, weight: constant(1),
 * });
 * const count = countMultiplyAdds(() => layer(tf.ones([1, 4, 6, 2])));
 * assert.equal(count, 4 * 6 * 5 * 3 * 3 * 2);
 * ```
 */
export function countMultiplyAdds(run: () => void): number {
  const outer = meter;
  meter = { multiplyAdds: 0 };
  try {
    run();
    return meter.multiplyAdds;
  } finally {
    meter = outer;
  }
}

/**
 * Convolves with a given filter: what `conv2d()` does with its own, for layers that
 * make their windows themselves. `countMultiplyAdds()` counts it.
 *
 * y[b,i,j,o] = Σ x[b, i·stride+u−pad, j·stride+v−pad, c] · filter[u,v,c,o], over
 * the channels of o's group
 *
 * @param x [B, H, W, C].
 * @param filter [K, L, C / groups, O]; the number of groups follows from it, and
 * divides O.
 * @param stride Step between windows, at least 1.
 * @param pad Zeros on each side, at least 0.
 * @returns [B, ⌊(H + 2·pad − K) / stride⌋ + 1, …, O].
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { convolve } from "ldlab/nn/conv2d.ts";
 *
 * const y = convolve(tf.ones([1, 4, 4, 1]), tf.ones([3, 3, 1, 1]), 2, 1);
 * assert.deepEqual([...await y.data()], [4, 6, 6, 9]);
 * ```
 */
export function convolve(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  stride: number,
  pad: number,
): tf.Tensor4D {
  const y = runConvolution(x, filter, stride, pad);
  if (meter) meter.multiplyAdds += y.size * (filter.size / filter.shape[3]);
  return y;
}

function runConvolution(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  stride: number,
  pad: number,
): tf.Tensor4D {
  // Backends that only know TensorFlow's paddings bring a kernel of their own.
  if (tf.getKernel("PaddedConv2D", tf.getBackend())) {
    return tf.engine().runKernel("PaddedConv2D", { x, filter }, {
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
    }) as tf.Tensor4D;
  }
  const groups = x.shape[3] / filter.shape[2];
  if (groups === 1) return tf.conv2d(x, filter, stride, pad);
  const filters = tf.split<tf.Tensor4D>(filter, groups, 3); // [K, K, I/G, O/G]
  const parts = tf.split<tf.Tensor4D>(x, groups, 3); // [B, H, W, I/G]
  return tf.concat(
    parts.map((part, i) => tf.conv2d(part, filters[i], stride, pad)),
    3,
  );
}
