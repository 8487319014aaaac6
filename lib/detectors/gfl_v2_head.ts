// B images, A locations of all levels, C classes, n = regMax + 1 bins.
import * as tf from "@tensorflow/tfjs-core";
import { conv2d } from "../nn/conv2d.ts";
import { constant, normal } from "../nn/initializers.ts";
import { relu } from "../nn/relu.ts";
import type { Scope } from "../nn/scope.ts";
import type { DenseHead, HeadOutputs, ScaledHeadSizes } from "./dense_head.ts";
import { gflHead } from "./gfl_head.ts";
import { largestValues } from "./largest_values.ts";

/** What the head of GFLv2 says of each location. */
export interface GflV2Outputs extends HeadOutputs {
  /** [B, A, C], in [0, 1]: joint class and IoU scores, σ(class logits) · quality. */
  readonly scores: tf.Tensor3D;
}

/**
 * Makes the head of GFLv2: GFL's head, and a predictor that reads from the shape of
 * a box's distributions how well it is localized, and lowers the class scores by it.
 *
 * For each side the `topk` largest probabilities and their mean; from these
 * 4 (topk + 1) numbers two linear layers with a ReLU between make the quality:
 *
 * q = σ(W₂ · relu(W₁ · statistics + b₁) + b₂), scores = σ(class logits) · q
 *
 * Detections are ranked by `scores`; knowledge distillation of the classes takes
 * the class logits, before the quality. Gradients of the scores reach the boxes'
 * distributions through q.
 *
 * @param scope Where `cls_convs`, `reg_convs`, `gfl_cls`, `gfl_reg`, `scales` and
 * `reg_conf` are made.
 * @param options.inChannels Channels of each level.
 * @param options.channels Channels of the towers; 256 in the paper.
 * @param options.convs Convolutions in each tower; 4 in the paper.
 * @param options.groups Groups of the group norms after them; 32 in the paper.
 * @param options.numClasses C.
 * @param options.regMax n − 1, the largest distance in strides.
 * @param options.levels How many levels there are.
 * @param options.topk From 1 to n; 4 by default.
 * @param options.qualityChannels Hidden numbers of the predictor; 64 by default.
 * @returns The head: levels [B, H, W, inChannels] to logits [B, A, C] and
 * [B, A, 4, n], sides left, top, right, bottom, and scores [B, A, C].
 * @throws {RangeError} If the groups do not divide the channels, or topk is not a
 * whole number from 1 to n.
 * @see Li et al., "Generalized Focal Loss V2", CVPR 2021, section 3.2; `GFocalHead`
 * of the authors' and of the LD repository with `add_mean=True`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { gflV2Head } from "ldlab/detectors/gfl_v2_head.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const head = gflV2Head(openScope({ seed: 1 }).scope, {
 *   inChannels: 4, channels: 4, convs: 1, groups: 2, numClasses: 3, regMax: 16, levels: 1,
 * });
 * // At first every class scores 0.01, and the quality is a half.
 * const [score] = await head([tf.ones([1, 4, 6, 4])]).scores.data();
 * assert.ok(Math.abs(score - 0.005) < 0.001);
 * ```
 */
export function gflV2Head(
  scope: Scope,
  { topk = 4, qualityChannels = 64, ...gfl }: ScaledHeadSizes & {
    regMax: number;
    topk?: number;
    qualityChannels?: number;
  },
): DenseHead<GflV2Outputs> {
  const bins = gfl.regMax + 1;
  if (!(Number.isInteger(topk) && topk >= 1 && topk <= bins)) {
    throw new RangeError(
      `Cannot make a GFLv2 head: topk must be a whole number from 1 to ${bins}: current value is ${topk}`,
    );
  }
  const head = gflHead(scope, gfl);
  const linear = (name: string, inChannels: number, outChannels: number) =>
    conv2d(scope.child(name), {
      inChannels,
      outChannels,
      kernel: 1,
      weight: normal(0.01),
      bias: constant(0),
    });
  const statistics = 4 * (topk + 1);
  const hidden = linear("reg_conf.0", statistics, qualityChannels);
  const quality = linear("reg_conf.2", qualityChannels, 1);
  return (features) => {
    const { classLogits, boxLogits } = head(features);
    const [batch, locations] = classLogits.shape;
    const largest = largestValues(tf.softmax(boxLogits), topk); // [B, A, 4, k]
    const perSide = tf.concat([largest, tf.mean(largest, -1, true)], -1);
    const input = tf.reshape<tf.Rank.R4>(
      perSide,
      [batch, locations, 1, statistics],
    );
    const q = tf.reshape(
      tf.sigmoid(quality(relu(hidden(input)))),
      [batch, locations, 1],
    );
    const scores = tf.mul<tf.Tensor3D>(tf.sigmoid(classLogits), q);
    return { classLogits, boxLogits, scores };
  };
}
