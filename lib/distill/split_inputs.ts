// B images, A locations or anchors of all levels, r replicas.
import * as tf from "@tensorflow/tfjs-core";
import type { NetworkOutputs, TermInputs } from "./term_inputs.ts";

/**
 * Parts what terms are computed from into equal parts of the batch, as several
 * GPUs would have it. Call it in a `tf.tidy`, which owns what it makes.
 *
 * @param inputs What the terms are computed from; gradients reach it through the
 * parts.
 * @param replicas r, which divides B.
 * @returns r inputs of B / r images each, in order; the same inputs if r is 1.
 * @throws {RangeError} If r is no positive integer or does not divide B.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { splitInputs } from "ldlab/distill/split_inputs.ts";
 *
 * const outputs = { classLogits: tf.zeros([4, 1, 3]), boxLogits: tf.zeros([4, 1, 4, 5]) };
 * const parts = splitInputs({
 *   anchors: makeAnchors({ height: 8, width: 8, strides: [8] }),
 *   student: outputs, teacher: outputs, scoreWeights: tf.ones([4, 1]),
 *   targets: { labels: tf.zeros([4, 1], "int32"), boxTargets: tf.zeros([4, 1, 4]) },
 * }, 2);
 * assert.deepEqual(parts.map(({ student }) => student.classLogits.shape[0]), [2, 2]);
 * ```
 */
export function splitInputs(
  inputs: TermInputs,
  replicas: number,
): readonly TermInputs[] {
  const [images] = inputs.student.classLogits.shape; // B
  if (!(Number.isInteger(replicas) && replicas >= 1)) {
    throw new RangeError(
      "Cannot distil: replicas must be a whole number from 1: current value is " +
        replicas,
    );
  }
  if (images % replicas !== 0) {
    throw new RangeError(
      `Cannot distil: replicas must divide the images of a batch, ${images}: ` +
        `current value is ${replicas}`,
    );
  }
  if (replicas === 1) return [inputs];
  const size = images / replicas;
  const { student, teacher, targets, regions = {}, scoreWeights } = inputs;
  const { labels, boxTargets, labelWeights } = targets;
  return Array.from({ length: replicas }, (_, replica) => {
    const part = <T extends tf.Tensor>(tensor: T): T =>
      tf.slice(
        tensor,
        [replica * size, ...Array(tensor.rank - 1).fill(0)],
        [size, ...tensor.shape.slice(1)],
      );
    const said = ({ classLogits, boxLogits, features }: NetworkOutputs) => ({
      classLogits: part(classLogits),
      boxLogits: part(boxLogits),
      ...(features && { features: features.map(part) }),
    });
    return {
      ...inputs,
      student: said(student),
      teacher: said(teacher),
      targets: {
        labels: part(labels),
        boxTargets: part(boxTargets),
        ...(labelWeights && { labelWeights: part(labelWeights) }),
      },
      regions: Object.fromEntries(
        Object.entries(regions).map(([key, weights]) => [key, part(weights)]),
      ),
      scoreWeights: part(scoreWeights),
    };
  });
}
