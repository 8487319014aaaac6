// B images, N = H·W cells, C channels in G groups of c.
import * as tf from "@tensorflow/tfjs-core";
import type { Layer } from "./conv2d.ts";
import { constant, type Initializer } from "./initializers.ts";
import type { Scope } from "./scope.ts";

const EPSILON = 1e-5;

/**
 * Makes a group normalisation: each image's channels are normalised in groups,
 * so that it does not depend on the batch. Dense heads use it with 32 groups.
 *
 * y = weight · (x − mean) / √(variance + 1e-5) + bias, mean and (biased)
 * variance over all cells and the channels of a group
 *
 * The gradient is written out, for it needs a third of the operations of the
 * one that automatic differentiation finds.
 *
 * @param scope Where `weight` and `bias`, each [channels], are made.
 * @param options.channels Channels of x.
 * @param options.groups How many groups; divides the channels.
 * @param options.weight How the scale starts; 1 if not given.
 * @returns The layer: [B, H, W, channels] in and out.
 * @throws {RangeError} If the groups do not divide the channels.
 * @see Wu and He, "Group Normalization", ECCV 2018, eq. 1, 2 and 7.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { groupNorm } from "ldlab/nn/group_norm.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const layer = groupNorm(openScope({ seed: 1 }).scope, { channels: 4, groups: 2 });
 * const y = await layer(tf.tensor4d([1, 3, 10, 30], [1, 1, 1, 4])).data();
 * assert.deepEqual([...y].map(Math.round), [-1, 1, -1, 1]);
 * ```
 */
export function groupNorm(
  scope: Scope,
  { channels, groups, weight: start = constant(1) }: {
    channels: number;
    groups: number;
    weight?: Initializer;
  },
): Layer {
  if (!Number.isInteger(channels / groups)) {
    throw new RangeError(
      `Cannot make a group norm: the groups must divide the ${channels} channels: current value is ${groups}`,
    );
  }
  const weight = scope.parameter("weight", [channels], start);
  const bias = scope.parameter("bias", [channels], constant(0));
  return (x) => normalize(x, weight, bias, groups);
}

function normalize(
  x: tf.Tensor4D,
  weight: tf.Tensor,
  bias: tf.Tensor,
  groups: number,
): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const cells = height * width;
  const size = channels / groups;
  const perGroup: [number, number, number] = [batch, groups, size];

  // Σ over a group's cells and channels: [B, N, C] -> [B, G, 1]
  const groupMean = (values: tf.Tensor) =>
    tf.mul(
      tf.sum(tf.reshape(tf.sum(values, 1), perGroup), 2, true),
      1 / (cells * size),
    );
  // A number for each group, times one for each channel if given, laid out to
  // act on channels: [B, G, 1] -> [B, 1, C]
  const perChannel = (values: tf.Tensor, factor?: tf.Tensor) =>
    tf.reshape(
      factor
        ? tf.mul(values, tf.reshape(factor, [groups, size]))
        : tf.tile(values, [1, 1, size]),
      [batch, 1, channels],
    );

  const run = tf.customGrad((...args) => {
    const [input, gamma, beta, save] = args as unknown as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      (tensors: tf.Tensor[]) => void,
    ];
    const flat = tf.reshape(input, [batch, cells, channels]);
    const centred = tf.sub(flat, perChannel(groupMean(flat)));
    const inverse = tf.rsqrt(
      tf.add(groupMean(tf.square(centred)), EPSILON),
    ); // [B, G, 1]
    const y = tf.add(tf.mul(centred, perChannel(inverse, gamma)), beta);
    save([centred, inverse, gamma]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [centred, inverse, gamma] = saved;
      const flatDy = tf.reshape(dy, [batch, cells, channels]);
      const sumDy = tf.sum(flatDy, 1); // [B, C]
      const sumDyX = tf.sum(tf.mul(flatDy, centred), 1); // [B, C]
      const weighted = (sums: tf.Tensor) =>
        tf.mul(
          tf.sum(tf.reshape(tf.mul(sums, gamma), perGroup), 2, true),
          -1 / (cells * size),
        ); // [B, G, 1]
      // dx = inverse·(γ·dy − mean(γ·dy)) − centred·inverse³·mean(γ·dy·centred)
      const dx = tf.add(
        tf.add(
          tf.mul(flatDy, perChannel(inverse, gamma)),
          perChannel(tf.mul(inverse, weighted(sumDy))),
        ),
        tf.mul(
          centred,
          perChannel(
            tf.mul(tf.mul(tf.square(inverse), inverse), weighted(sumDyX)),
          ),
        ),
      );
      const normalised = tf.mul(tf.reshape(sumDyX, perGroup), inverse);
      return [
        tf.reshape(dx, [batch, height, width, channels]),
        tf.reshape(tf.sum(normalised, 0), [channels]),
        tf.sum(sumDy, 0),
      ];
    };
    return {
      value: tf.reshape(y, [batch, height, width, channels]),
      gradFunc,
    };
  });
  return run(x, weight, bias) as tf.Tensor4D;
}
