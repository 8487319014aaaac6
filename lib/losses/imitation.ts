import * as tf from "@tensorflow/tfjs-core";
import {
  requireLastDimension,
  requireSameShape,
} from "../boxes/shape_guard.ts";
import { withoutGradient } from "../nn/without_gradient.ts";
import { absolute } from "./absolute.ts";

/** Options of {@linkcode imitation}. */
export interface ImitationOptions {
  /**
   * What the difference d of two features costs. `"squared"` is d², as in the
   * released code; `"absolute"` is |d|. `"absoluteBelowOne"` is |d| below 1 and
   * d² from there on, which the released code of DeFeat calls "L1".
   *
   * @default {"squared"}
   */
  error?: "squared" | "absolute" | "absoluteBelowOne";
}

/**
 * Feature imitation: the student's features learn to equal the teacher's, at
 * each location by itself. Every imitation method is this loss on a region of
 * its own: whole maps (FitNets), inside the boxes, the main region, fine-grained
 * locations, DeFeat's fore- and background, GI locations.
 *
 * L = 1 / D · Σ_d e(student_d − teacher_d), e(x) = x² by default
 *
 * Where a reference sums over the channels, as DeFeat does, multiply by D. Where
 * the student's features have other channels, or are to be adapted first, give
 * what a 1 × 1 convolution makes of them.
 *
 * @param student Features, [..., D], finite.
 * @param teacher Features, [..., D], finite. No gradient reaches them.
 * @param options Squared or absolute error.
 * @returns [...], at least 0. The caller weights it by region and normalises:
 * the released code takes the mean over a region's locations of each level and
 * sums the levels; its weight is 2.
 * @throws {TypeError} If the shapes differ.
 * @throws {RangeError} If `error` is none of the choices.
 * @see Romero et al., FitNets, ICLR 2015, equation 3; Zheng et al., Localization
 * Distillation, CVPR 2022, section 4.2; HikariTJU/LD `IMLoss`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { imitation } from "ldlab/losses/imitation.ts";
 *
 * // Two locations of two channels: (1 + 9) / 2, and no difference.
 * const student = tf.tensor2d([[1, 3], [5, 6]]);
 * const teacher = tf.tensor2d([[0, 0], [5, 6]]);
 * assert.deepEqual([...await imitation(student, teacher).data()], [5, 0]);
 * ```
 */
export function imitation(
  student: tf.Tensor,
  teacher: tf.Tensor,
  { error = "squared" }: ImitationOptions = {},
): tf.Tensor {
  const task = "compute the imitation loss";
  requireLastDimension(task, "student features", student);
  requireSameShape(task, "teacher features", teacher, "the student's", student);
  const cost = Object.hasOwn(errors, error) ? errors[error] : undefined;
  if (!cost) {
    throw new RangeError(
      `Cannot ${task}: error must be "${
        Object.keys(errors).join('" or "')
      }": ` +
        `current value is "${error}"`,
    );
  }
  return tf.tidy(() => {
    const given = withoutGradient(() => tf.clone(teacher));
    return tf.mean(cost(tf.sub(student, given)), -1);
  });
}

const errors = {
  squared: (x: tf.Tensor) => tf.square(x),
  absolute,
  absoluteBelowOne: (x: tf.Tensor) => {
    const size = absolute(x);
    const below = withoutGradient(() => tf.less(size, 1));
    return tf.where(below, size, tf.square(x));
  },
};
