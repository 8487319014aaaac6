import type * as tf from "@tensorflow/tfjs-core";
import { ciouLoss } from "ldlab/losses/ciou.ts";
import { diouLoss } from "ldlab/losses/diou.ts";
import { efficientIouLoss } from "ldlab/losses/efficient_iou.ts";
import { eiouLoss } from "ldlab/losses/eiou.ts";
import { giouLoss } from "ldlab/losses/giou.ts";
import { iouLoss } from "ldlab/losses/iou_loss.ts";
import {
  extremePairs,
  ofPairs,
  type PairGeometry,
  usualPairs,
} from "./box_pairs.ts";
import type { LossEntries, LossEntry } from "./loss_entry.ts";

/** What MMDetection adds, or takes as the least, where a quotient could be 0 / 0. */
const epsilon = 1e-6;

function boxLoss(
  f: (predicted: tf.Tensor, target: tf.Tensor) => tf.Tensor,
  formula: (pair: PairGeometry, at: PairGeometry) => number,
): LossEntry {
  return {
    loss: ({ predicted, target }) => f(predicted, target),
    reference: ofPairs(formula),
    inputs: usualPairs,
    wrt: ["predicted", "target"],
    extremes: extremePairs,
  };
}

const iou = ({ intersection, union }: PairGeometry) =>
  intersection / Math.max(union, epsilon);

const forms = {
  log: (pair: PairGeometry) => -Math.log(Math.max(iou(pair), epsilon)),
  linear: (pair: PairGeometry) => 1 - Math.max(iou(pair), epsilon),
  square: (pair: PairGeometry) => 1 - Math.max(iou(pair), epsilon) ** 2,
};

function giou(pair: PairGeometry): number {
  const [width, height] = pair.enclosing;
  const covered = Math.max(pair.union, epsilon);
  const hull = Math.max(width * height, epsilon);
  return 1 - iou(pair) + (hull - covered) / hull;
}

function diou({ intersection, union, enclosing, distance }: PairGeometry) {
  const diagonal = enclosing[0] ** 2 + enclosing[1] ** 2;
  return 1 - intersection / (union + epsilon) + distance / (diagonal + epsilon);
}

function efficientIou(pair: PairGeometry): number {
  const { a, b, enclosing: [width, height] } = pair;
  return diou(pair) +
    (a[2] - a[0] - b[2] + b[0]) ** 2 / (width ** 2 + epsilon) +
    (a[3] - a[1] - b[3] + b[1]) ** 2 / (height ** 2 + epsilon);
}

/** The areas between where the boxes overlap and where they do not. */
function eiou({ a, b, intersection, union }: PairGeometry): number {
  // By sides: [p, q] is the interval in common, from the box around both; where
  // boxes lie apart, q < p.
  const [[p, q], [r, s]] = [0, 1].map((axis) => {
    const from = Math.min(a[axis], b[axis]);
    return [
      Math.max(a[axis], b[axis]) - from,
      Math.min(a[axis + 2], b[axis + 2]) - from,
    ];
  });
  let signed = (q - p) * (s - r);
  if (q < p && s >= r) signed = -(p - q) * (r + s);
  if (q >= p && s < r) signed = -(p + q) * (r - s);
  if (q < p && s < r) signed = -2 * (p * r - q * s);
  const d = 1 - signed / (union + intersection - signed + epsilon);
  return d < 0.1 ? d ** 2 / 0.2 : d - 0.05;
}

/** Pairs that overlap by more than half, and whose aspects differ. */
const nearPairs = {
  predicted: { shape: [3, 4], data: [1, 2, 9, 7, 0, 0, 4, 4, 0, 0, 10, 10] },
  target: {
    shape: [3, 4],
    data: [2, 1.5, 8.5, 7.5, 0.5, 0.25, 3.5, 4.5, 0.1, 0.1, 9.8, 9.9],
  },
};

function ciou(pair: PairGeometry, at: PairGeometry): number {
  return diou(pair) + alphaOf(at) * aspect(pair);
}

/** CIoU's α, through which no gradient passes. */
function alphaOf(pair: PairGeometry): number {
  const [iou, v] = [
    pair.intersection / (pair.union + epsilon),
    aspect(pair),
  ];
  return iou > 0.5 && v > 0 ? v / (1 - iou + v) : 0;
}

/** CIoU's v. */
function aspect({ a, b }: PairGeometry): number {
  const angle = (box: number[]) =>
    Math.atan((box[2] - box[0]) / (box[3] - box[1] + epsilon));
  return 4 / Math.PI ** 2 * (angle(b) - angle(a)) ** 2;
}

/** Losses of boxes by their overlap. */
export const iouLossEntries: LossEntries = {
  ...Object.fromEntries(
    (["log", "linear", "square"] as const).map((form) => [
      `iouLoss() as ${form}`,
      boxLoss((a, b) => iouLoss(a, b, { form }), forms[form]),
    ]),
  ),
  "giouLoss()": boxLoss(giouLoss, giou),
  "diouLoss()": boxLoss(diouLoss, diou),
  "ciouLoss()": boxLoss(ciouLoss, ciou),
  "ciouLoss() of boxes that overlap by more than half": {
    ...boxLoss(ciouLoss, ciou),
    inputs: nearPairs,
  },
  "eiouLoss()": boxLoss(eiouLoss, eiou),
  "eiouLoss() near the target": {
    ...boxLoss(eiouLoss, eiou),
    inputs: nearPairs,
  },
  "efficientIouLoss()": boxLoss(efficientIouLoss, efficientIou),
};
