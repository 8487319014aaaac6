import * as tf from "@tensorflow/tfjs-core";
import {
  requireLastDimension,
  requireSameShape,
} from "../boxes/shape_guard.ts";
import { withoutGradient } from "../nn/without_gradient.ts";
import { giouLoss } from "./giou.ts";

/** Options of {@linkcode teacherBoundedRegression}. */
export interface TeacherBoundedRegressionOptions {
  /**
   * ε, at least 0: by how much the student's box is to be nearer than the
   * teacher's before it is left alone. In the unit of the boxes; of squared
   * boxes where `distance` is `"squared"`. The paper finds 0.1 best and 0.3 of
   * no use; it does not say in which unit. In strides, 0.1 is 0.8 to 12.8
   * pixels from level P3 to P7.
   *
   * @default {0.1}
   */
  epsilon?: number;
  /**
   * How far a box is from its target: `"l2"`, the root of the sum of squares, as
   * the paper writes it, or `"squared"`, that sum itself, as the loss it is
   * taken from.
   *
   * @default {"l2"}
   */
  distance?: "l2" | "squared";
}

/**
 * Teacher bounded regression (TBR), also pseudo box regression: a further
 * regression loss, but only where the student's box is not yet better than the
 * teacher's by a margin. The rival of LD that sees boxes, not distributions.
 *
 * L = 1 − GIoU(B_s, B_gt) if d(B_s, B_gt) + ε > d(B_t, B_gt), else 0
 *
 * d(A, B) = √Σ (A_i − B_i)², over x1, y1, x2, y2. Over the distances l, t, r, b
 * of one location to its sides it is the same number, for the location cancels.
 *
 * The paper leaves open the unit of ε, the weight λ of this loss, and whether it
 * is added to the usual regression loss; there is no released code. Boxes in
 * strides, so that ε means the same on every level, and the loss added with a
 * weight of the caller's, are our reading.
 *
 * @param student [..., 4] as x1, y1, x2, y2, x1 ≤ x2 and y1 ≤ y2, any unit.
 * @param teacher Boxes of the shape and unit of `student`. They only open the
 * gate; no gradient reaches them.
 * @param target Ground truth, of the shape and unit of `student`.
 * @param options The margin and the distance.
 * @returns [...], in [0, 2). Gradients are those of GIoU; the gate has none.
 * @throws {TypeError} If the shapes differ or do not end in 4.
 * @throws {RangeError} If ε is below 0 or not finite, or `distance` is neither
 * choice.
 * @see Zheng et al., Localization Distillation for Dense Object Detection, CVPR
 * 2022, section 4.2, equation 6; Chen et al., Learning Efficient Object Detection
 * Models with Knowledge Distillation, NeurIPS 2017, section 3.3, with the squared
 * distance
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { teacherBoundedRegression } from "ldlab/losses/tbr.ts";
 *
 * // The teacher is 1 off. The first student is too, the second 0.5 only.
 * const target = tf.tensor2d([[0, 0, 2, 2], [0, 0, 2, 2]]);
 * const teacher = tf.tensor2d([[0, 0, 2, 3], [0, 0, 2, 3]]);
 * const student = tf.tensor2d([[0, 0, 2, 1], [0, 0, 2, 1.5]]);
 * const loss = teacherBoundedRegression(student, teacher, target);
 * assert.deepEqual([...await loss.data()], [0.5, 0]);
 * ```
 */
export function teacherBoundedRegression(
  student: tf.Tensor,
  teacher: tf.Tensor,
  target: tf.Tensor,
  { epsilon = 0.1, distance = "l2" }: TeacherBoundedRegressionOptions = {},
): tf.Tensor {
  const task = "compute TBR";
  requireLastDimension(task, "student boxes", student, 4);
  requireSameShape(task, "teacher boxes", teacher, "the student's", student);
  requireSameShape(task, "target boxes", target, "the student's", student);
  if (!(epsilon >= 0 && Number.isFinite(epsilon))) {
    throw new RangeError(
      `Cannot ${task}: epsilon must be a finite number, at least 0: ` +
        `current value is ${epsilon}`,
    );
  }
  if (distance !== "l2" && distance !== "squared") {
    throw new RangeError(
      `Cannot ${task}: distance must be "l2" or "squared": ` +
        `current value is "${distance}"`,
    );
  }
  const fromTarget = (boxes: tf.Tensor) => {
    const squares = tf.sum(tf.square(tf.sub(boxes, target)), -1);
    return distance === "l2" ? tf.sqrt(squares) : squares;
  };
  return tf.tidy(() => {
    const gate = withoutGradient(() => {
      // Subtracted first: beside far boxes' distances ε would be rounded away.
      const ahead = tf.sub(fromTarget(teacher), fromTarget(student));
      return tf.cast(tf.less(ahead, epsilon), "float32");
    });
    return tf.mul(gate, giouLoss(student, target));
  });
}
