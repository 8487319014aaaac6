import * as tf from "@tensorflow/tfjs-core";
import { boxToDistances, distancesToBox } from "ldlab/boxes/box_coding.ts";
import { generalizedSoftmax, integral } from "ldlab/boxes/distribution.ts";
import { alignedDiou, alignedGiou, alignedIou } from "ldlab/boxes/iou.ts";
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
};
