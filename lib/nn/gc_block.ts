// B images, H x W cells, C channels, K hidden channels.
import * as tf from "@tensorflow/tfjs-core";
import { conv2d, type Layer } from "./conv2d.ts";
import { groupNorm } from "./group_norm.ts";
import { constant, normal, uniformWithin } from "./initializers.ts";
import { relu } from "./relu.ts";
import type { Scope } from "./scope.ts";

/**
 * Makes a global context block: each cell gets the same vector added, made from
 * one weighted mean of the whole map. It is how FGD sees the relations between
 * the cells of a map; teacher and student have one each, and both are trained.
 *
 * y = x + conv₂(ReLU(LN(conv₁(context)))), context = Σ_hw softmax_hw(conv_mask(x)) · x
 *
 * All three convolutions are 1 × 1 with biases; conv₁ makes K = max(⌊C / 2⌋, 1)
 * channels. conv₂ starts at 0, so at first y = x.
 *
 * @param scope Where the parameters are made: `conv_mask`, and 0 (conv₁), 1 (LN)
 * and 3 (conv₂) of `channel_add_conv`, each with `weight` and `bias`.
 * @param options.channels C, at least 1.
 * @param options.suffix Ends the two names above, "" if not given; FGD's
 * reference code writes "_s" for the student's block and "_t" for the teacher's.
 * @returns The layer: [B, H, W, C] in and out.
 * @throws {RangeError} If the channels are no whole number, at least 1.
 * @see Cao et al., GCNet, ICCV Workshops 2019; Yang et al., Focal and Global
 * Knowledge Distillation for Detectors, CVPR 2022, section 3.2; yzd-v/FGD
 * `FeatureLoss`, which for one channel makes K = 0
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { gcBlock } from "ldlab/nn/gc_block.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const { scope, variables } = openScope({ seed: 1 });
 * const block = gcBlock(scope, { channels: 2 });
 * variables.parameters.get("channel_add_conv.3.bias")!.assign(tf.tensor1d([10, 20]));
 * const y = await block(tf.ones([1, 1, 2, 2])).data();
 * assert.deepEqual([...y], [11, 21, 11, 21]);
 * ```
 */
export function gcBlock(
  scope: Scope,
  { channels, suffix = "" }: { channels: number; suffix?: string },
): Layer {
  if (!(Number.isInteger(channels) && channels >= 1)) {
    throw new RangeError(
      `Cannot make a context block: channels must be a whole number, ` +
        `at least 1: current value is ${channels}`,
    );
  }
  const hidden = Math.max(Math.floor(channels / 2), 1);
  const mask = conv2d(scope.child(`conv_mask${suffix}`), {
    inChannels: channels,
    outChannels: 1,
    kernel: 1,
    weight: normal(Math.sqrt(2 / channels)),
    bias: constant(0),
  });
  const add = scope.child(`channel_add_conv${suffix}`);
  const conv1 = conv2d(add.child("0"), {
    inChannels: channels,
    outChannels: hidden,
    kernel: 1,
    weight: uniformWithin(1 / Math.sqrt(channels)),
    bias: uniformWithin(1 / Math.sqrt(channels)),
  });
  // On a single cell, layer norm is group norm with one group.
  const norm = groupNorm(add.child("1"), { channels: hidden, groups: 1 });
  const conv2 = conv2d(add.child("3"), {
    inChannels: hidden,
    outChannels: channels,
    kernel: 1,
    weight: constant(0),
    bias: constant(0),
  });
  return (x) => {
    const [batch, height, width] = x.shape;
    const logits = tf.reshape(mask(x), [batch, height * width]);
    const share = tf.reshape(tf.softmax(logits), [batch, height, width, 1]);
    // Not a matrix product, which bfloat16 would round.
    const context = tf.sum<tf.Tensor4D>(tf.mul(share, x), [1, 2], true);
    return tf.add(x, conv2(relu(norm(conv1(context))))); // + [B, 1, 1, C]
  };
}
