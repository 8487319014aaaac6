// A locations of all levels, n bins, H and W cells of a level.
import type { Anchors } from "../boxes/anchors.ts";
import { logitsPerAnchor } from "./logits_per_anchor.ts";

/** The error at every cell of one level of the pyramid. */
export interface LogitErrorMap {
  /** Pixels between cells. */
  readonly stride: number;
  /** H. */
  readonly height: number;
  /** W. */
  readonly width: number;
  /** `[H, W]`, row-major, in units of logits. */
  readonly errors: Float64Array;
}

/**
 * Maps of the L1 error between teacher and student of the box logits, one for
 * each level: the paper's Figure 5.
 *
 * Use it on one image to see where the student draws edges unlike its teacher;
 * the paper shows P5 and P6, darker where the error is smaller.
 *
 *     E_a = sum over edges e and bins i of |z_T,aei - z_S,aei|
 *
 * Logits that differ by a constant give one distribution, but an error here.
 * With `centered`, the mean of each edge's n logits is taken off first, so that
 * only what a softmax can tell is left.
 *
 * @param student Box logits of one image, `[A, 4, n]`, raw.
 * @param teacher Box logits of the same image, `[A, 4, n]`.
 * @param options.anchors Anchors of the network's input, A in all.
 * @param options.centered Compare logits less their mean over the bins; false
 * by default, as the paper.
 * @returns The maps in the order of the anchors' levels.
 * @throws {TypeError} If lengths do not fit the anchors or each other.
 * @see Zheng et al., Localization Distillation for Dense Object Detection (CVPR
 * 2022), Figure 5: "the per-location L1 error summation of the localization head
 * logits"; no code of it was released. Centring is this library's addition.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { boxLogitErrorMap } from "ldlab/eval/box_logit_error_map.ts";
 *
 * const anchors = makeAnchors({ height: 8, width: 16, strides: [8] }); // two cells
 * const student = new Float32Array(2 * 4 * 2); // two bins an edge
 * const teacher = student.slice();
 * teacher.set([3, 1], 8); // left edge of the second cell
 * const [{ errors }] = boxLogitErrorMap(student, teacher, { anchors });
 * assert.deepEqual([...errors], [0, 4]);
 * const [centred] = boxLogitErrorMap(student, teacher, { anchors, centered: true });
 * assert.deepEqual([...centred.errors], [0, 2]); // 1 and -1
 * ```
 */
export function boxLogitErrorMap(
  student: ArrayLike<number>,
  teacher: ArrayLike<number>,
  { anchors, centered = false }: { anchors: Anchors; centered?: boolean },
): LogitErrorMap[] {
  const { count, levels } = anchors;
  const bins = logitsPerAnchor("map box logits", "box logits", {
    student,
    teacher,
    count,
    multipleOf: 4,
  }) / 4;
  return levels.map(({ stride, height, width, start, count }) => {
    const errors = new Float64Array(count);
    for (let edge = start * 4; edge < (start + count) * 4; edge++) {
      const from = edge * bins;
      let shift = 0;
      if (centered) {
        for (let i = from; i < from + bins; i++) {
          shift += (teacher[i] - student[i]) / bins;
        }
      }
      const cell = Math.floor(edge / 4) - start;
      for (let i = from; i < from + bins; i++) {
        errors[cell] += Math.abs(teacher[i] - student[i] - shift);
      }
    }
    return { stride, height, width, errors };
  });
}
