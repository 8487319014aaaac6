import * as tf from "@tensorflow/tfjs-core";
import { softKl, type TemperatureFactor } from "./soft_kl.ts";

/** Options of {@linkcode localizationDistillation}. */
export interface LocalizationDistillationOptions {
  /**
   * τ, above 0; a scalar tensor where a compiled step takes it as an input. The
   * reference code takes no τ below 1.
   *
   * @default {10}
   */
  temperature?: number | tf.Tensor;
  /**
   * How the terms of the n bins become one number. `"mean"` divides the
   * divergence by n, as the released code (and MMDetection) does; `"sum"` is
   * the divergence itself, as the paper writes it: n times as large.
   *
   * @default {"mean"}
   */
  bins?: "mean" | "sum";
  /**
   * `"squared"` multiplies by τ², as the released code (and MMDetection) does;
   * `"none"` leaves the divergence as it is, as the paper's equation does: at
   * τ = 10 a hundredth.
   *
   * @default {"squared"}
   */
  temperatureFactor?: TemperatureFactor;
}

/**
 * Localization distillation (LD): the student learns the teacher's softened
 * distribution of each side of a box, and with it where the teacher was unsure.
 *
 * L = τ² / n · KL(softmax(z_teacher / τ) ‖ softmax(z_student / τ))
 *
 * The paper's equation 3 has neither τ² nor 1/n: `bins: "sum"` with
 * `temperatureFactor: "none"`. The released code has both.
 *
 * As τ grows, the gradient with τ² and the sum over bins tends to
 * (z_student − z_teacher) / n, each less its mean over the bins: matching logits.
 *
 * @param student Logits of one side a row, [..., n], finite.
 * @param teacher Logits, [..., n], finite. No gradient reaches them.
 * @param options The temperature, mean or sum over bins, and τ² or not.
 * @returns [...], at least 0. The caller weights it by region and sums the four
 * sides; the released weight is 0.25.
 * @throws {TypeError} If the shapes differ or a temperature tensor is not a scalar.
 * @throws {RangeError} If a temperature number is not above 0, or `bins`
 * or `temperatureFactor` is neither of its choices.
 * @see Zheng et al., Localization Distillation for Dense Object Detection, CVPR
 * 2022, section 3.2, equations 2 and 3; HikariTJU/LD
 * `KnowledgeDistillationKLDivLoss`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { localizationDistillation } from "ldlab/losses/ld.ts";
 *
 * // p = (1/2, 1/2), q = (3/4, 1/4): half of 1/2 log(2/3) + 1/2 log 2.
 * const teacher = tf.tensor2d([[0, 0]]);
 * const student = tf.tensor2d([[Math.log(3), 0]]);
 * const loss = localizationDistillation(student, teacher, { temperature: 1 });
 * assert.ok(Math.abs((await loss.data())[0] - Math.log(4 / 3) / 4) < 1e-6);
 * ```
 */
export function localizationDistillation(
  student: tf.Tensor,
  teacher: tf.Tensor,
  { temperature = 10, bins = "mean", temperatureFactor }:
    LocalizationDistillationOptions = {},
): tf.Tensor {
  if (bins !== "mean" && bins !== "sum") {
    throw new RangeError(
      `Cannot compute LD: bins must be "mean" or "sum": current value is "${bins}"`,
    );
  }
  return tf.tidy(() => {
    const kl = softKl("LD", student, teacher, temperature, temperatureFactor);
    return bins === "sum" ? kl : tf.div(kl, student.shape.at(-1)!);
  });
}
