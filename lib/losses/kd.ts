import * as tf from "@tensorflow/tfjs-core";
import { softKl } from "./soft_kl.ts";

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
}

/**
 * Classification distillation (KD): the student learns the teacher's softened
 * distribution over classes.
 *
 * L = τ² / C · KL(softmax(z_teacher / τ) ‖ softmax(z_student / τ))
 *
 * As in the released code the softmax runs over the classes although the
 * detector scores each class with its own sigmoid. So only differences between
 * classes are learnt, and with one class the loss is 0 whatever the logits.
 *
 * @param student Class logits, [..., C], finite.
 * @param teacher Class logits, [..., C], finite. No gradient reaches them.
 * @param options The temperature, and mean or sum over classes.
 * @returns [...], at least 0. The caller takes the mean over a region; the
 * released weight is 10.
 * @throws {TypeError} If the shapes differ or a temperature tensor is not a scalar.
 * @throws {RangeError} If a temperature number is not above 0 or `classes` is
 * neither choice.
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
  { temperature = 2, classes = "mean" }: ClassDistillationOptions = {},
): tf.Tensor {
  if (classes !== "mean" && classes !== "sum") {
    throw new RangeError(
      `Cannot compute KD: classes must be "mean" or "sum": current value is "${classes}"`,
    );
  }
  return tf.tidy(() => {
    const kl = softKl("KD", student, teacher, temperature);
    return classes === "sum" ? kl : tf.div(kl, student.shape.at(-1)!);
  });
}
