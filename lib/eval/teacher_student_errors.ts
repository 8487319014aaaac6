// A locations of all levels, C classes, n bins.
import type { Anchors } from "../boxes/anchors.ts";
import { requireTemperature } from "../boxes/temperature.ts";
import type { ImageLogits } from "./decode_detections.ts";
import { logitsPerAnchor } from "./logits_per_anchor.ts";

/** How far the student is from the teacher on one level of the pyramid. */
export interface LevelError {
  /** Pixels between cells. */
  readonly stride: number;
  /** Mean |difference| of the class scores, in [0, 1]. */
  readonly scores: number;
  /** Mean |difference| of the bins' probabilities, in [0, 2 / n]. */
  readonly boxes: number;
  /** Sum of the weights of the cells seen: their number where all weights are 1. */
  readonly weight: number;
}

/** Adds up the errors of image after image. */
export interface TeacherStudentErrors {
  /**
   * Adds one image.
   *
   * @param student What the student says.
   * @param teacher What the teacher says about the same image.
   * @param weights `[A]`, at least 0: a region's weights; 1 everywhere by
   * default. Where it is 0 the logits are not looked at.
   * @throws {TypeError} If lengths do not fit the anchors or each other.
   * @throws {RangeError} If a weight is negative or not finite.
   */
  add(
    student: ImageLogits,
    teacher: ImageLogits,
    weights?: ArrayLike<number>,
  ): void;
  /**
   * The mean over all images so far.
   *
   * @returns The errors of each level, in the order of the anchors' levels; NaN
   * where no cell had weight.
   */
  mean(): LevelError[];
}

/**
 * The average L1 error between teacher and student of class scores and box
 * distributions, level by level: the paper's Figure 4.
 *
 * Use it over a data set to see what a student has learnt from its teacher:
 * `add` every image of `imageLogits`, then read the `mean`. Over the cells a of
 * a level,
 *
 *     scores = sum_a w_a (1 / C) sum_c |σ(t_ac) - σ(s_ac)| / sum_a w_a
 *     boxes  = sum_a w_a (1 / 4n) sum_ei |S(t_ae, τ)_i - S(s_ae, τ)_i| / sum_a w_a
 *
 * with the sigmoid σ and the softmax S over the n bins of an edge e. Multiply
 * `boxes` by n for the sum over an edge's bins.
 *
 * @param options.anchors Anchors of the network's input.
 * @param options.temperature τ of the box distributions, above 0; 1 by default.
 * @returns An empty sum.
 * @throws {RangeError} If the temperature is not a finite number above 0.
 * @see Zheng et al., Localization Distillation for Dense Object Detection (CVPR
 * 2022), Figure 4. The paper states neither the cells, nor τ, nor whether bins
 * and classes are added or averaged, and no code of it was released: all cells,
 * τ = 1 and means over channels are this library's choice.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { teacherStudentErrors } from "ldlab/eval/teacher_student_errors.ts";
 *
 * const errors = teacherStudentErrors({
 *   anchors: makeAnchors({ height: 8, width: 8, strides: [8] }), // one cell
 * });
 * const logits = (first: number) => ({
 *   classLogits: new Float32Array([first]),
 *   boxLogits: new Float32Array([first, 0, 0, 0, 0, 0, 0, 0]), // two bins an edge
 * });
 * errors.add(logits(0), logits(99)); // the teacher is certain of the left edge
 * const [{ scores, boxes }] = errors.mean();
 * assert.equal(scores.toFixed(6), "0.500000"); // |1 - 1/2|
 * assert.equal(boxes.toFixed(6), "0.125000"); // (1/2 + 1/2) of 8 bins
 * ```
 */
export function teacherStudentErrors(
  { anchors, temperature = 1 }: { anchors: Anchors; temperature?: number },
): TeacherStudentErrors {
  const task = "compare teacher and student";
  requireTemperature(task, temperature);
  const { count, levels } = anchors;
  const sums = levels.map(() => ({ scores: 0, boxes: 0, weight: 0 }));
  return {
    add(student, teacher, weights) {
      const classes = logitsPerAnchor(task, "class logits", {
        student: student.classLogits,
        teacher: teacher.classLogits,
        count,
      });
      const boxLogits = logitsPerAnchor(task, "box logits", {
        student: student.boxLogits,
        teacher: teacher.boxLogits,
        count,
        multipleOf: 4,
      });
      if (weights) requireWeights(task, weights, count);
      const bins = boxLogits / 4;
      const [mine, theirs] = [new Float64Array(bins), new Float64Array(bins)];
      for (const [index, { start, count }] of levels.entries()) {
        const sum = sums[index];
        for (let anchor = start; anchor < start + count; anchor++) {
          const weight = weights ? weights[anchor] : 1;
          if (weight === 0) continue;
          let scores = 0;
          for (let c = anchor * classes; c < (anchor + 1) * classes; c++) {
            scores += Math.abs(
              sigmoid(teacher.classLogits[c]) - sigmoid(student.classLogits[c]),
            );
          }
          let boxes = 0;
          for (let edge = anchor * 4; edge < anchor * 4 + 4; edge++) {
            soften(student.boxLogits, edge * bins, temperature, mine);
            soften(teacher.boxLogits, edge * bins, temperature, theirs);
            for (let i = 0; i < bins; i++) {
              boxes += Math.abs(theirs[i] - mine[i]);
            }
          }
          sum.scores += weight * scores / classes;
          sum.boxes += weight * boxes / boxLogits;
          sum.weight += weight;
        }
      }
    },
    mean: () =>
      levels.map(({ stride }, index) => {
        const { scores, boxes, weight } = sums[index];
        return {
          stride,
          scores: scores / weight,
          boxes: boxes / weight,
          weight,
        };
      }),
  };
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** Softmax of the logits from `start` on, as many as `result` holds. */
function soften(
  logits: ArrayLike<number>,
  start: number,
  temperature: number,
  result: Float64Array,
): void {
  let largest = -Infinity;
  for (let i = 0; i < result.length; i++) {
    largest = Math.max(largest, logits[start + i]);
  }
  let total = 0;
  for (let i = 0; i < result.length; i++) {
    result[i] = Math.exp((logits[start + i] - largest) / temperature);
    total += result[i];
  }
  for (let i = 0; i < result.length; i++) result[i] /= total;
}

function requireWeights(
  task: string,
  weights: ArrayLike<number>,
  count: number,
): void {
  if (weights.length !== count) {
    throw new TypeError(
      `Cannot ${task}: weights must be [${count}], one for each anchor: ` +
        `current length is ${weights.length}`,
    );
  }
  for (let index = 0; index < count; index++) {
    if (weights[index] >= 0 && Number.isFinite(weights[index])) continue;
    throw new RangeError(
      `Cannot ${task}: weights must be finite numbers of at least 0: current ` +
        `value ${index} is ${weights[index]}`,
    );
  }
}
