import * as tf from "@tensorflow/tfjs-core";
import {
  requireLastDimension,
  requireSameShape,
} from "../boxes/shape_guard.ts";
import { softKl, type TemperatureFactor } from "./soft_kl.ts";

/** Options of {@linkcode classDistillation}. */
export interface ClassDistillationOptions {
  /**
   * τ, above 0; a scalar tensor where a compiled step takes it as an input. The
   * reference code takes no τ below 1.
   *
   * @default {2}
   */
  temperature?: number | tf.Tensor;
  /**
   * How the terms of the C classes become one number. `"mean"` divides the
   * divergence by C, as the released code does; `"sum"` is the divergence
   * itself, as the paper writes it: C times as large.
   *
   * @default {"mean"}
   */
  classes?: "mean" | "sum";
  /**
   * What the classes' logits are made a distribution by. `"softmax"`, as the
   * released code, runs over the classes, although the detector scores each with
   * its own sigmoid: only differences between classes are learnt. `"sigmoid"`
   * takes each class as a choice of its own, yes or no, as the detector does;
   * it is our addition.
   *
   * @default {"softmax"}
   */
  activation?: "softmax" | "sigmoid";
  /**
   * `"squared"` multiplies by τ², as the released code does; `"none"` leaves the
   * divergence as it is, as the paper's equations do.
   *
   * @default {"squared"}
   */
  temperatureFactor?: TemperatureFactor;
}

/**
 * Classification distillation (KD): the student learns the teacher's softened
 * scores of all classes.
 *
 * With a softmax: L = τ² / C · KL(softmax(z_teacher / τ) ‖ softmax(z_student / τ))
 *
 * With a sigmoid: L = τ² / C · Σ_c [p log(p / q) + (1 − p) log((1 − p) / (1 − q))],
 * p = σ(z_teacher,c / τ), q = σ(z_student,c / τ)
 *
 * With one class the softmax form is 0 whatever the logits; the sigmoid form is
 * not.
 *
 * @param student Class logits, [..., C], finite.
 * @param teacher Class logits, [..., C], finite. No gradient reaches them.
 * @param options The temperature, softmax or sigmoid, mean or sum over classes,
 * and τ² or not.
 * @returns [...], at least 0. The caller takes the mean over a region; the
 * released weight is 10.
 * @throws {TypeError} If the shapes differ or a temperature tensor is not a scalar.
 * @throws {RangeError} If a temperature number is not above 0, or another option
 * is none of its choices.
 * @see Hinton et al., Distilling the Knowledge in a Neural Network, 2015,
 * section 2; HikariTJU/LD `KnowledgeDistillationKLDivLoss` as `loss_kd`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { classDistillation } from "ldlab/losses/kd.ts";
 *
 * // τ = 2 halves the logits: p = (1/2, 1/2), q = (3/4, 1/4), times 2² / 2.
 * const teacher = tf.tensor2d([[0, 0]]);
 * const student = tf.tensor2d([[Math.log(9), 0]]);
 * const [loss] = await classDistillation(student, teacher).data();
 * assert.ok(Math.abs(loss - Math.log(4 / 3)) < 1e-6);
 * ```
 */
export function classDistillation(
  student: tf.Tensor,
  teacher: tf.Tensor,
  {
    temperature = 2,
    classes = "mean",
    activation = "softmax",
    temperatureFactor,
  }: ClassDistillationOptions = {},
): tf.Tensor {
  requireChoice("classes", classes, "mean", "sum");
  requireChoice("activation", activation, "softmax", "sigmoid");
  requireLastDimension("compute KD", "student logits", student);
  requireSameShape(
    "compute KD",
    "teacher logits",
    teacher,
    "the student's",
    student,
  );
  const kl = (student: tf.Tensor, teacher: tf.Tensor) =>
    softKl("KD", student, teacher, temperature, temperatureFactor);
  return tf.tidy(() => {
    const sum = activation === "softmax"
      ? kl(student, teacher)
      : tf.sum(kl(yesOrNo(student), yesOrNo(teacher)), -1);
    return classes === "sum" ? sum : tf.div(sum, student.shape.at(-1)!);
  });
}

/** Two logits a class, [..., C, 2], whose softmax is σ(z) and 1 − σ(z). */
function yesOrNo(logits: tf.Tensor): tf.Tensor {
  return tf.stack([logits, tf.zerosLike(logits)], -1);
}

function requireChoice(
  option: string,
  value: string,
  one: string,
  other: string,
): void {
  if (value === one || value === other) return;
  throw new RangeError(
    `Cannot compute KD: ${option} must be "${one}" or "${other}": ` +
      `current value is "${value}"`,
  );
}
