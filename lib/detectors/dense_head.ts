// B images, A locations or anchors of all levels, C classes, n numbers a side.
import * as tf from "@tensorflow/tfjs-core";
import { conv2d } from "../nn/conv2d.ts";
import { constant, normal } from "../nn/initializers.ts";
import { scale } from "../nn/scale.ts";
import type { Scope } from "../nn/scope.ts";
import type { DetectorOutputs } from "./detector.ts";
import { headTower, type TowerInit, type TowerOptions } from "./head_tower.ts";

/** The score that every class starts with, so that background costs little. */
const FIRST_SCORE = 0.01;

/** What a dense head says of each location. */
export type HeadOutputs = Pick<DetectorOutputs, "classLogits" | "boxLogits">;

/** What a dense head that also learns centre-ness says of each location. */
export interface CenternessOutputs extends HeadOutputs {
  /** [B, A]: logits of how near the location is to the middle of its box. */
  readonly centerness: tf.Tensor2D;
}

/** A dense head: levels [B, H, W, inChannels] to its outputs. */
export type DenseHead<Outputs extends HeadOutputs> = (
  features: readonly tf.Tensor4D[],
) => Outputs;

/** How large a head of one anchor a cell is, whose levels have learnt factors. */
export interface ScaledHeadSizes {
  /** Channels of each level. */
  readonly inChannels: number;
  /** Channels of the towers. */
  readonly channels: number;
  /** Convolutions in each tower. */
  readonly convs: number;
  /** Groups of the group norms after them. */
  readonly groups: number;
  /** C. */
  readonly numClasses: number;
  /** How many levels there are. */
  readonly levels: number;
  /** How the towers start; `"normal"` unless given. */
  readonly init?: TowerInit;
}

/** How a dense head is built. */
export interface DenseHeadOptions extends TowerOptions {
  /** C. */
  readonly numClasses: number;
  /** n: bins of a distribution, or 1. */
  readonly numbers: number;
  /** How many anchors a cell has, 1 or more. */
  readonly anchorsPerCell: number;
  /** The reference's names of what predicts. */
  readonly names: { classes: string; boxes: string; centerness?: string };
  /** How many levels have a learnt factor of their box logits; without, none. */
  readonly scaledLevels?: number;
}

/**
 * Makes a dense head: two towers of convolutions, shared over the levels, give
 * each location class logits, the numbers of its box, and its centre-ness where
 * that has a name.
 *
 * The heads of GFL, ATSS, FCOS and RetinaNet are this one with other settings; use
 * them unless you build another.
 *
 * @param scope Where `cls_convs`, `reg_convs`, what `names` says and `scales` are
 * made.
 * @param options Sizes, names, and what the head has.
 * @returns The head: levels [B, H, W, inChannels] to logits [B, A, C], [B, A, 4, n]
 * and, where it has a name, centre-ness [B, A]; anchors of a cell follow each other.
 * @throws {RangeError} If the groups do not divide the channels.
 * @see MMDetection 3.3.0, `dense_heads`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { denseHead } from "ldlab/detectors/dense_head.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const head = denseHead(openScope({ seed: 1 }).scope, {
 *   inChannels: 4, channels: 4, convs: 1, bias: true, numClasses: 3, numbers: 1,
 *   anchorsPerCell: 2, names: { classes: "cls", boxes: "reg" },
 * });
 * assert.deepEqual(head([tf.ones([1, 4, 6, 4])]).boxLogits.shape, [1, 48, 4, 1]);
 * ```
 */
export function denseHead(
  scope: Scope,
  options: DenseHeadOptions,
): DenseHead<HeadOutputs & Partial<CenternessOutputs>> {
  const { channels, numClasses, numbers, anchorsPerCell, names } = options;
  const [forClasses, forBoxes] = ["cls_convs", "reg_convs"].map((name) =>
    headTower(scope.child(name), options)
  );
  const predict = (name: string, perAnchor: number, bias: number) =>
    conv2d(scope.child(name), {
      inChannels: channels,
      outChannels: anchorsPerCell * perAnchor,
      kernel: 3,
      weight: normal(0.01),
      bias: constant(bias),
    });
  const firstBias = -Math.log((1 - FIRST_SCORE) / FIRST_SCORE);
  const classes = predict(names.classes, numClasses, firstBias);
  const boxes = predict(names.boxes, 4 * numbers, 0);
  const centerness = names.centerness === undefined
    ? undefined
    : predict(names.centerness, 1, 0);
  const scales = Array.from(
    { length: options.scaledLevels ?? 0 },
    (_, i) => scale(scope.child(`scales.${i}`)),
  );
  return (features) => {
    const classLogits: tf.Tensor3D[] = [];
    const boxLogits: tf.Tensor4D[] = [];
    const centernessLogits: tf.Tensor2D[] = [];
    features.forEach((feature, level) => {
      const [batch, height, width] = feature.shape;
      const anchors = height * width * anchorsPerCell;
      const boxFeature = forBoxes(feature);
      const boxMap = boxes(boxFeature);
      classLogits.push(tf.reshape(
        classes(forClasses(feature)),
        [batch, anchors, numClasses],
      ));
      boxLogits.push(tf.reshape(
        scales.length > 0 ? scales[level](boxMap) : boxMap,
        [batch, anchors, 4, numbers],
      ));
      if (centerness) {
        centernessLogits.push(
          tf.reshape(centerness(boxFeature), [batch, anchors]),
        );
      }
    });
    return {
      classLogits: tf.concat(classLogits, 1), // [B, A, C]
      boxLogits: tf.concat(boxLogits, 1), // [B, A, 4, n]
      ...(centerness && { centerness: tf.concat(centernessLogits, 1) }), // [B, A]
    };
  };
}
