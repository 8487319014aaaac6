// B images, H x W cells, D channels.
import * as tf from "@tensorflow/tfjs-core";
import { requireSameShape, shapeError } from "../boxes/shape_guard.ts";
import { requireTemperature } from "../boxes/temperature.ts";
import type { Layer } from "../nn/conv2d.ts";
import { withoutGradient } from "../nn/without_gradient.ts";
import { absolute } from "./absolute.ts";

/** What {@linkcode focalGlobalDistillation} works on: one level's maps. */
export interface FgdMaps {
  /**
   * The student's features, [B, H, W, D], finite; where its channels are not the
   * teacher's, what a 1 × 1 convolution with bias makes of them.
   */
  student: tf.Tensor4D;
  /** The teacher's features, [B, H, W, D], finite. No gradient reaches them. */
  teacher: tf.Tensor4D;
  /**
   * Weights of the cells inside boxes, [B, H, W], at least 0; in the reference
   * 1 / the number of cells of the smallest box over a cell, else 0, as
   * `fgdForeground` of lib/regions gives them.
   */
  foreground: tf.Tensor3D;
  /**
   * Weights of the cells outside, [B, H, W], at least 0; in the reference 1 / the
   * number of such cells of an image, else 0, as `fgdBackground` gives them.
   */
  background: tf.Tensor3D;
}

/** Options of {@linkcode focalGlobalDistillation}. */
export interface FgdOptions {
  /** The student's global context block, [B, H, W, D] in and out. */
  studentContext: Layer;
  /** The teacher's, a block of its own, which is trained too. */
  teacherContext: Layer;
  /**
   * τ of the attention, above 0; a scalar tensor where a compiled step takes it
   * as an input.
   *
   * @default {0.5}
   */
  temperature?: number | tf.Tensor;
}

/** The four losses of one level, scalars without their weights. */
export type FgdLosses = Record<
  "foreground" | "background" | "attention" | "relation",
  tf.Scalar
>;

/**
 * Focal and global distillation (FGD): feature imitation that weights each cell
 * and channel by the teacher's attention, foreground and background apart, and
 * that matches the attentions and the relations between cells as well.
 *
 * A_S = HW · softmax_hw(mean_d |F| / τ), A_C = D · softmax_d(mean_hw |F| / τ)
 *
 * foreground = 1 / B · Σ m A_S A_C (F_s − F_t)², m the foreground's weights, A_S
 * and A_C the teacher's; background the same with its weights
 *
 * attention = 1 / B · (Σ |A_S,s − A_S,t| + Σ |A_C,s − A_C,t|)
 *
 * relation = 1 / B · Σ (R_s(F_s) − R_t(F_t))², R_s and R_t the context blocks
 *
 * @param maps The features and the weights of the cells.
 * @param options The context blocks (`gcBlock` of lib/nn) and the temperature.
 * @returns Four scalars, each at least 0. The caller weights them (see
 * `FGD_SETTINGS`) and sums the levels. Gradients reach the student's features and
 * both blocks.
 * @throws {TypeError} If the shapes differ, a map is not [B, H, W, D], or a
 * temperature tensor is not a scalar.
 * @throws {RangeError} If a temperature number is not above 0.
 * @see Yang et al., Focal and Global Knowledge Distillation for Detectors, CVPR
 * 2022, sections 3.1 and 3.2; yzd-v/FGD `FeatureLoss`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { focalGlobalDistillation } from "ldlab/losses/fgd.ts";
 *
 * // One cell of one channel: all attention is 1, so (3 − 1)² / 2 and (3 − 1)².
 * const map = (value: number) => tf.fill<tf.Rank.R4>([1, 1, 1, 1], value);
 * const cells = (value: number) => tf.fill<tf.Rank.R3>([1, 1, 1], value);
 * const { foreground, attention, relation } = focalGlobalDistillation(
 *   { student: map(3), teacher: map(1), foreground: cells(0.5), background: cells(0) },
 *   { studentContext: (x) => x, teacherContext: (x) => x },
 * );
 * const losses = await tf.stack([foreground, attention, relation]).data();
 * assert.deepEqual([...losses], [2, 0, 4]);
 * ```
 */
export function focalGlobalDistillation(
  maps: FgdMaps,
  { studentContext, teacherContext, temperature = 0.5 }: FgdOptions,
): FgdLosses {
  requireMaps(maps);
  requireTemperature("compute FGD", temperature);
  return tf.tidy(() => {
    const { student, foreground, background } = maps;
    const teacher = withoutGradient(() => tf.clone(maps.teacher));
    const [batch] = student.shape;
    const perImage = (x: tf.Tensor) => tf.div(tf.sum(x), batch) as tf.Scalar;
    const theirs = attention(teacher, temperature);
    const ours = attention(student, temperature);
    const error = tf.square(tf.sub(student, teacher));
    // Σ_d A_C (F_s − F_t)²: [B, H, W, D] -> [B, H, W, 1]
    const perCell = tf.sum(tf.mul(error, theirs.channels), 3, true);
    const focus = tf.squeeze(tf.mul(theirs.cells, perCell), [3]);
    return {
      foreground: perImage(tf.mul(foreground, focus)),
      background: perImage(tf.mul(background, focus)),
      attention: tf.add<tf.Scalar>(
        perImage(absolute(tf.sub(ours.cells, theirs.cells))),
        perImage(absolute(tf.sub(ours.channels, theirs.channels))),
      ),
      relation: perImage(
        tf.square(tf.sub(studentContext(student), teacherContext(teacher))),
      ),
    };
  });
}

/** Attention to cells, [B, H, W, 1], and to channels, [B, 1, 1, D], around 1. */
function attention(map: tf.Tensor4D, temperature: number | tf.Tensor) {
  const [batch, height, width, channels] = map.shape;
  const size = absolute(map);
  const share = (means: tf.Tensor, shape: number[]) =>
    tf.reshape(
      tf.mul(
        tf.softmax(tf.div(tf.reshape(means, [batch, -1]), temperature)),
        means.size / batch,
      ),
      shape,
    );
  return {
    cells: share(tf.mean(size, 3), [batch, height, width, 1]),
    channels: share(tf.mean(size, [1, 2]), [batch, 1, 1, channels]),
  };
}

function requireMaps(
  { student, teacher, foreground, background }: FgdMaps,
): void {
  const task = "compute FGD";
  if (student.rank !== 4 || student.shape.includes(0)) {
    throw shapeError(
      task,
      "student features",
      "[B, H, W, D], none of them 0",
      student,
    );
  }
  requireSameShape(task, "teacher features", teacher, "the student's", student);
  const cells = student.shape.slice(0, 3);
  for (const [where, weights] of Object.entries({ foreground, background })) {
    if (`${weights.shape}` === `${cells}`) continue;
    throw shapeError(
      task,
      `${where} weights`,
      `[${cells.join(", ")}] like the cells of the features`,
      weights,
    );
  }
}
