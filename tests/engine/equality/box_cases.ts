import * as tf from "@tensorflow/tfjs-core";
import { boxToDistances, distancesToBox } from "ldlab/boxes/box_coding.ts";
import {
  boxToCenterSize,
  centerSizeToBox,
  sidesToCenterSize,
} from "ldlab/boxes/center_size.ts";
import { boxToDeltas, deltasToBox } from "ldlab/boxes/delta_coding.ts";
import { generalizedSoftmax, integral } from "ldlab/boxes/distribution.ts";
import {
  distributionToEdge,
  edgeToDistribution,
} from "ldlab/boxes/edge_coding.ts";
import { edgeEntropy, edgeSharpness } from "ldlab/boxes/edge_entropy.ts";
import { alignedDiou, alignedGiou, alignedIou } from "ldlab/boxes/iou.ts";
import {
  switchToCenterSize,
  switchToSides,
} from "ldlab/boxes/switch_distributions.ts";
import { type EqualityCases, functionCase, noise } from "./equality_case.ts";

// B images, A locations, n bins.
const [B, A, n] = [2, 20, 17];

/** Boxes [2, 20, 4] on whole pixels, so that sides meet and boxes are empty. */
export function boxes(seed: number) {
  return (call: number) =>
    tf.tidy(() => {
      const corner = tf.round(noise([B, A, 2], seed, 4)(call));
      const size = tf.round(tf.relu(noise([B, A, 2], seed + 100, 6)(call)));
      return tf.concat([corner, tf.add(corner, size)], -1);
    });
}

const aligned = (measure: typeof alignedIou) =>
  functionCase(
    { a: boxes(1), b: boxes(2) },
    ({ a, b }) => ({ overlap: measure(a, b) }),
    ["a", "b"],
  );

const locations = {
  centers: noise([A, 2], 3, 50),
  strides: () =>
    tf.tensor1d(Array.from({ length: A }, (_, i) => 8 * 2 ** (i % 3))),
};

/** Every function of boxes that works on tensors. */
export const boxCases: EqualityCases = {
  "alignedIou()": aligned(alignedIou),
  "alignedGiou()": aligned(alignedGiou),
  "alignedDiou()": aligned(alignedDiou),
  "boxToDistances()": functionCase(
    { ...locations, boxes: boxes(4) },
    ({ centers, boxes, strides }) => ({
      distances: boxToDistances(
        centers as tf.Tensor2D,
        boxes,
        strides as tf.Tensor1D,
        { regMax: n - 1 },
      ),
    }),
    ["boxes"],
  ),
  "distancesToBox()": functionCase(
    { ...locations, distances: noise([B, A, 4], 5, 8) },
    ({ centers, distances, strides }) => ({
      boxes: distancesToBox(
        centers as tf.Tensor2D,
        distances,
        strides as tf.Tensor1D,
      ),
    }),
    ["distances"],
  ),
  "generalizedSoftmax() with a moving temperature": functionCase(
    {
      logits: noise([A, 4, n], 6, 8),
      temperature: (call) => tf.scalar(1 + call),
    },
    ({ logits, temperature }) => ({
      p: generalizedSoftmax(logits, { temperature }),
    }),
    ["logits"],
  ),
  "integral()": functionCase(
    { logits: noise([A, 4, n], 7, 8) },
    ({ logits }) => ({ distances: integral(logits) }),
    ["logits"],
  ),
  "integral() on a support": functionCase(
    { logits: noise([A, 4, n], 7, 8) },
    ({ logits }) => ({ deltas: integral(logits, { from: -2, to: 2 }) }),
    ["logits"],
  ),
  "edgeEntropy() and edgeSharpness() with a moving temperature": functionCase(
    {
      logits: noise([A, 4, n], 8, 8),
      temperature: (call) => tf.scalar(1 + call),
    },
    ({ logits, temperature }) => ({
      entropy: edgeEntropy(logits, { temperature }),
      sharpness: edgeSharpness(logits, { temperature }),
    }),
    ["logits"],
  ),
  "edgeToDistribution() and distributionToEdge()": functionCase(
    { positions: noise([A, 4], 9, n), p: noise([A, 4, n], 10) },
    ({ positions, p }) => ({
      distributions: edgeToDistribution(positions, { bins: n }),
      edges: distributionToEdge(p, { from: -2, to: 2 }),
    }),
    ["positions", "p"],
  ),
  "boxToCenterSize()": functionCase(
    { ...locations, boxes: boxes(11) },
    ({ centers, boxes, strides }) => ({
      values: boxToCenterSize(
        centers as tf.Tensor2D,
        boxes,
        strides as tf.Tensor1D,
      ),
    }),
    ["boxes"],
  ),
  "centerSizeToBox() and sidesToCenterSize()": functionCase(
    { ...locations, values: noise([B, A, 4], 12, 8) },
    ({ centers, values, strides }) => ({
      boxes: centerSizeToBox(
        centers as tf.Tensor2D,
        values,
        strides as tf.Tensor1D,
      ),
      centerSizes: sidesToCenterSize(values),
    }),
    ["values"],
  ),
  "boxToDeltas()": functionCase(
    { anchors: noise([A, 4], 13, 20), boxes: boxes(14) },
    ({ anchors, boxes }) => ({
      deltas: boxToDeltas(anchors as tf.Tensor2D, boxes),
    }),
    ["boxes"],
  ),
  "deltasToBox() clipped to an image": functionCase(
    { anchors: noise([A, 4], 13, 20), deltas: noise([B, A, 4], 15, 6) },
    ({ anchors, deltas }) => ({
      boxes: deltasToBox(anchors as tf.Tensor2D, deltas, {
        imageSize: { height: 30, width: 40 },
      }),
    }),
    ["deltas"],
  ),
  "switchToCenterSize()": functionCase(
    { sides: noise([A, 4, n], 16) },
    ({ sides }) => ({ ...switchToCenterSize(sides) }),
    ["sides"],
  ),
  "switchToSides()": functionCase(
    { center: noise([A, 2, n], 17), size: noise([A, 2, n], 18) },
    ({ center, size }) => ({ sides: switchToSides({ center, size }) }),
    ["center", "size"],
  ),
};
