// B images, A locations of all levels, C classes, n = regMax + 1 bins.
import * as tf from "@tensorflow/tfjs-core";
import { conv2d, type Layer } from "../nn/conv2d.ts";
import { groupNorm } from "../nn/group_norm.ts";
import { constant, normal } from "../nn/initializers.ts";
import { relu } from "../nn/relu.ts";
import { scale } from "../nn/scale.ts";
import type { Scope } from "../nn/scope.ts";

/** The score that every class starts with, so that background costs little. */
const FIRST_SCORE = 0.01;

/**
 * Makes the head of GFL: two towers of convolutions, shared over the levels,
 * give each location class logits and four distributions of distances. One
 * learnt number per level multiplies the logits of the distributions.
 *
 * @param scope Where `cls_convs`, `reg_convs`, `gfl_cls`, `gfl_reg` and
 * `scales` are made.
 * @param options.inChannels Channels of each level.
 * @param options.channels Channels of the towers.
 * @param options.convs Convolutions in each tower.
 * @param options.groups Groups of the group norms after them.
 * @param options.numClasses C.
 * @param options.regMax n − 1, the largest distance in strides.
 * @param options.levels How many levels there are.
 * @returns The head: levels [B, H, W, inChannels] to logits [B, A, C] and
 * [B, A, 4, n], sides left, top, right, bottom.
 * @see Li et al., "Generalized Focal Loss", NeurIPS 2020, section 3; MMDetection's
 * `GFLHead`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { gflHead } from "ldlab/detectors/gfl_head.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const { scope } = openScope({ seed: 1 });
 * const head = gflHead(scope, {
 *   inChannels: 4, channels: 4, convs: 1, groups: 2, numClasses: 3, regMax: 16, levels: 2,
 * });
 * const { classLogits, boxLogits } = head([tf.ones([1, 4, 6, 4]), tf.ones([1, 2, 3, 4])]);
 * assert.deepEqual(classLogits.shape, [1, 30, 3]);
 * assert.deepEqual(boxLogits.shape, [1, 30, 4, 17]);
 * ```
 */
export function gflHead(
  scope: Scope,
  { inChannels, channels, convs, groups, numClasses, regMax, levels }: {
    inChannels: number;
    channels: number;
    convs: number;
    groups: number;
    numClasses: number;
    regMax: number;
    levels: number;
  },
): (
  features: readonly tf.Tensor4D[],
) => { classLogits: tf.Tensor3D; boxLogits: tf.Tensor4D } {
  const bins = regMax + 1;
  const towers = ["cls_convs", "reg_convs"].map((name) =>
    tower(scope.child(name), { inChannels, channels, convs, groups })
  );
  const predict = (name: string, outChannels: number, bias: number) =>
    conv2d(scope.child(name), {
      inChannels: channels,
      outChannels,
      kernel: 3,
      weight: normal(0.01),
      bias: constant(bias),
    });
  const classes = predict(
    "gfl_cls",
    numClasses,
    -Math.log((1 - FIRST_SCORE) / FIRST_SCORE),
  );
  const boxes = predict("gfl_reg", 4 * bins, 0);
  const scales = Array.from(
    { length: levels },
    (_, i) => scale(scope.child(`scales.${i}`)),
  );
  return (features) => {
    const classLogits: tf.Tensor3D[] = [];
    const boxLogits: tf.Tensor4D[] = [];
    features.forEach((feature, level) => {
      const [batch, height, width] = feature.shape;
      const cells = height * width;
      const [forClasses, forBoxes] = towers.map((layer) => layer(feature));
      classLogits.push(
        tf.reshape(classes(forClasses), [batch, cells, numClasses]),
      );
      boxLogits.push(
        tf.reshape(scales[level](boxes(forBoxes)), [batch, cells, 4, bins]),
      );
    });
    return {
      classLogits: tf.concat(classLogits, 1), // [B, A, C]
      boxLogits: tf.concat(boxLogits, 1), // [B, A, 4, n]
    };
  };
}

function tower(
  scope: Scope,
  { inChannels, channels, convs, groups }: {
    inChannels: number;
    channels: number;
    convs: number;
    groups: number;
  },
): Layer {
  const layers: Layer[] = [];
  for (let i = 0; i < convs; i++) {
    const place = scope.child(`${i}`);
    layers.push(
      conv2d(place.child("conv"), {
        inChannels: i === 0 ? inChannels : channels,
        outChannels: channels,
        kernel: 3,
        weight: normal(0.01),
      }),
      groupNorm(place.child("gn"), { channels, groups }),
      relu,
    );
  }
  return (x) => layers.reduce((h, layer) => layer(h), x);
}
