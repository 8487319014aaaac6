import * as tf from "@tensorflow/tfjs-core";
import {
  requireLastDimension,
  requireSameShape,
} from "../boxes/shape_guard.ts";
import { requireTemperature } from "../boxes/temperature.ts";

/**
 * What a divergence of softened distributions is multiplied by. `"squared"`, as
 * the released code of LD and KD has it, is τ²: gradients keep their size at any
 * temperature. `"none"` is 1, as the LD paper's equations are written: gradients
 * shrink as 1 / τ².
 */
export type TemperatureFactor = "squared" | "none";

/**
 * Kullback–Leibler divergence of a student's distribution from a teacher's,
 * both softened by a temperature, times τ². What LD and KD are made of; use
 * those, unless the distribution is neither over distances nor over classes.
 *
 * L = f Σ_i p_i (log p_i − log q_i), p = softmax(z_teacher / τ),
 * q = softmax(z_student / τ), f = τ², or 1 with the factor `"none"`
 *
 * At high temperatures p and q nearly agree and the terms of this sum cancel: at
 * τ = 20 and logits 0.1 apart its float32 value is off by a hundredth. It is
 * computed centred, each term plus q_i − p_i, which sum to 0: then no term is
 * below 0 and none cancel.
 *
 * @param name The loss, as errors call it.
 * @param student z_student, [..., n], finite.
 * @param teacher z_teacher, [..., n], finite. No gradient reaches it.
 * @param temperature τ, a number above 0 or a scalar tensor.
 * @param factor `"squared"` (if not given) or `"none"`.
 * @returns [...], at least 0. Its gradient is f / τ · (q − p).
 * @throws {TypeError} If the shapes differ or a temperature tensor is not a scalar.
 * @throws {RangeError} If a temperature number is not above 0 or the factor is
 * neither choice.
 * @see Hinton et al., Distilling the Knowledge in a Neural Network, 2015,
 * section 2, for τ²
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { softKl } from "ldlab/losses/soft_kl.ts";
 *
 * // p = (1/2, 1/2), q = (3/4, 1/4): 1/2 log(2/3) + 1/2 log 2.
 * const teacher = tf.tensor1d([0, 0]);
 * const student = tf.tensor1d([Math.log(3), 0]);
 * const [kl] = await softKl("KL", student, teacher, 1).data();
 * assert.ok(Math.abs(kl - Math.log(4 / 3) / 2) < 1e-6);
 * ```
 */
export function softKl(
  name: string,
  student: tf.Tensor,
  teacher: tf.Tensor,
  temperature: number | tf.Tensor,
  factor: TemperatureFactor = "squared",
): tf.Tensor {
  const task = `compute ${name}`;
  requireLastDimension(task, "student logits", student);
  requireSameShape(task, "teacher logits", teacher, "the student's", student);
  requireTemperature(task, temperature);
  if (factor !== "squared" && factor !== "none") {
    throw new RangeError(
      `Cannot ${task}: temperatureFactor must be "squared" or "none": ` +
        `current value is "${factor}"`,
    );
  }
  return tf.customGrad((...args) => {
    const [student, save] = args as [tf.Tensor, tf.GradSaveFunc];
    const tau = typeof temperature === "number"
      ? tf.scalar(temperature)
      : temperature;
    const logQ = tf.logSoftmax(tf.div(student, tau));
    const logP = tf.logSoftmax(tf.div(teacher, tau));
    const p = tf.exp(logP);
    // With r = log(q / p), q − p = (q + p) tanh(r / 2): accurate where q ≈ p
    // and finite where one of them underflows, as p (exp(r) − 1) is not.
    const r = tf.sub(logQ, logP);
    const difference = tf.mul(
      tf.add(tf.exp(logQ), p),
      tf.tanh(tf.mul(r, 0.5)),
    );
    const kl = tf.sum(tf.sub(difference, tf.mul(p, r)), -1);
    save([difference, tau]);
    const scale = factor === "squared" ? tf.mul : tf.div;
    const gradFunc = (dy: tf.Tensor, [difference, tau]: tf.Tensor[]) =>
      tf.mul(difference, tf.expandDims(scale(dy, tau), -1));
    const value = factor === "squared" ? tf.mul(kl, tf.square(tau)) : kl;
    return { value, gradFunc };
  })(student);
}
