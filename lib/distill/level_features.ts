// B images, D channels.
import type * as tf from "@tensorflow/tfjs-core";
import { shapeError } from "../boxes/shape_guard.ts";
import type { TermInputs } from "./term_inputs.ts";

/**
 * The features of both networks that a term compares, the student's through the
 * term's adaptation layers where it has any.
 *
 * @param name The term's name.
 * @param inputs What the terms are computed from.
 * @returns A map [B, H, W, D] of each level, of both networks.
 * @throws {TypeError} If features or layers are missing, or a map does not fit
 * its level of the anchors or the other network's.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { featuresOf } from "ldlab/distill/level_features.ts";
 *
 * const outputs = { classLogits: tf.zeros([1, 1, 3]), boxLogits: tf.zeros([1, 1, 4, 5]) };
 * const inputs = {
 *   anchors: makeAnchors({ height: 8, width: 8, strides: [8] }),
 *   student: outputs, teacher: outputs, scoreWeights: tf.ones([1, 1]),
 *   targets: { labels: tf.zeros([1, 1], "int32"), boxTargets: tf.zeros([1, 1, 4]) },
 * } as const;
 * assert.throws(() => featuresOf("hint", inputs), /features of the student/);
 * ```
 */
export function featuresOf(
  name: string,
  { student, teacher, anchors, modules }: TermInputs,
): { student: readonly tf.Tensor4D[]; teacher: readonly tf.Tensor4D[] } {
  const maps = { student: student.features, teacher: teacher.features };
  const adaptation = modules?.layers[name]?.adaptation;
  const { levels } = anchors;
  for (const [network, features] of Object.entries(maps)) {
    if (features?.length === levels.length) continue;
    throw new TypeError(
      `Cannot distil: ${name} needs the features of the ${network}, a map of ` +
        `each of the ${levels.length} levels: current number is ` +
        `${features?.length ?? 0}`,
    );
  }
  levels.forEach(({ height, width }, level) => {
    const [batch] = student.classLogits.shape;
    const channels = maps.teacher![level].shape[3];
    const expected = [batch, height, width, channels];
    for (const [network, features] of Object.entries(maps)) {
      const shape: number[] = [...features![level].shape];
      if (adaptation && network === "student") shape[3] = channels;
      if (`${shape}` === `${expected}`) continue;
      throw shapeError(
        "distil",
        `the ${network}'s features of level ${level} for ${name}`,
        `[${
          expected.join(", ")
        }] unless an adaptation layer changes the channels`,
        features![level],
      );
    }
  });
  return {
    student: adaptation
      ? maps.student!.map((map, level) => adaptation[level](map))
      : maps.student!,
    teacher: maps.teacher!,
  };
}

/** A term was given without its trained layers. */
export function missingLayers(name: string): TypeError {
  return new TypeError(
    `Cannot distil: ${name} has trained layers, which must be among the ` +
      `modules: make them by createDistillModules`,
  );
}
