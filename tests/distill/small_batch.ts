/**
 * Two images of a P3 level of 2 × 2 cells and a P4 level of one; three classes,
 * 17 bins, features of four channels; the second image may have no boxes.
 */
import * as tf from "@tensorflow/tfjs-core";
import { makeAnchors } from "ldlab/boxes/anchors.ts";
import { regionKey } from "ldlab/regions/region.ts";
import type { HostValues } from "../everywhere.ts";
import { wave } from "../float64.ts";

export const anchors = makeAnchors({ height: 16, width: 16, strides: [8, 16] });

const features = (offset: number) => [
  { shape: [2, 2, 2, 4], data: wave(32, 1, offset) },
  { shape: [2, 1, 1, 4], data: wave(8, 1, offset + 1) },
];
const [features0, features1] = features(0);
const [teacherFeatures0, teacherFeatures1] = features(3);

/** What both networks say; `boxTargets` fit every location. */
export const networks: Record<string, HostValues> = {
  classLogits: { shape: [2, 5, 3], data: wave(30, 2) },
  boxLogits: { shape: [2, 5, 4, 17], data: wave(680, 2) },
  teacherClassLogits: { shape: [2, 5, 3], data: wave(30, 2, 5) },
  teacherBoxLogits: { shape: [2, 5, 4, 17], data: wave(680, 2, 5) },
  boxTargets: {
    shape: [2, 5, 4],
    data: Array.from({ length: 10 }, () => [-20, -30, 40, 60]).flat(),
  },
  labelWeights: { shape: [2, 5], data: Array(10).fill(1) },
  "features 0": features0,
  "features 1": features1,
  "teacherFeatures 0": teacherFeatures0,
  "teacherFeatures 1": teacherFeatures1,
};

/** What gradients reach, and what they must not. */
export const STUDENT = ["classLogits", "boxLogits", "features 0", "features 1"];
export const TEACHER = [
  ...["teacherClassLogits", "teacherBoxLogits"],
  ...["teacherFeatures 0", "teacherFeatures 1"],
];

/** The name of the valuable region among the inputs. */
export const VLR = `region ${regionKey({ kind: "vlr" })}`;

/** Positives on both levels of the first image, on P3 of the second. */
export const labels = [0, 3, 3, 1, 1, 2, 3, 3, 3, 3];
const vlr = [0, 0.5, 0.2, 0, 0, 0, 0, 0.1, 0, 0.3];

/** Labels and weights of the valuable region. */
export const located: Record<string, HostValues> = {
  labels: { shape: [2, 5], data: labels },
  [VLR]: { shape: [2, 5], data: vlr },
};

/** No boxes at all. */
export const empty: Record<string, HostValues> = {
  labels: { shape: [2, 5], data: Array(10).fill(3) },
  [VLR]: { shape: [2, 5], data: Array(10).fill(0) },
};

/** The inputs as tensors of the active backend; the caller owns them. */
export function tensorsOf(
  inputs: Record<string, HostValues>,
): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(inputs).map((
      [name, { shape, data }],
    ) => [name, tf.tensor(Float32Array.from(data), shape)]),
  );
}
