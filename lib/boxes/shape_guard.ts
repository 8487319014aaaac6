import type * as tf from "@tensorflow/tfjs-core";

/**
 * Makes the error for a tensor of the wrong shape, in the words used all over
 * the library. Guard shapes at the door: broadcasting hides mistakes.
 *
 * @param task What cannot be done, as in "compute LD".
 * @param what The tensor at fault, as in "teacher logits".
 * @param expected The shape it should have, as in "[..., 4]".
 * @param tensor The tensor at fault.
 * @returns The error, for the caller to throw.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { shapeError } from "ldlab/boxes/shape_guard.ts";
 *
 * const boxes = tf.zeros([3, 5]);
 * assert.equal(
 *   shapeError("compute IoU", "boxes", "[..., 4]", boxes).message,
 *   "Cannot compute IoU: boxes must be [..., 4]: current shape is [3, 5]",
 * );
 * ```
 */
export function shapeError(
  task: string,
  what: string,
  expected: string,
  tensor: tf.Tensor,
): TypeError {
  return new TypeError(
    `Cannot ${task}: ${what} must be ${expected}: ` +
      `current shape is [${tensor.shape.join(", ")}]`,
  );
}

/**
 * Refuses a tensor whose shape is not exactly that of another.
 *
 * @param task What cannot be done otherwise, as in "compute LD".
 * @param what The tensor to check, as in "teacher logits".
 * @param tensor The tensor to check, any shape.
 * @param whose The other tensor, as in "the student's".
 * @param model The other tensor.
 * @throws {TypeError} If the shapes differ; a difference in the last dimension
 * is named first.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { requireSameShape } from "ldlab/boxes/shape_guard.ts";
 *
 * const [student, teacher] = [tf.zeros([2, 100, 17]), tf.zeros([2, 100, 16])];
 * assert.throws(
 *   () => requireSameShape("compute LD", "teacher logits", teacher, "the student's", student),
 *   /teacher logits must be \[..., 17\] like the student's: current shape is \[2, 100, 16\]/,
 * );
 * ```
 */
export function requireSameShape(
  task: string,
  what: string,
  tensor: tf.Tensor,
  whose: string,
  model: tf.Tensor,
): void {
  const [actual, expected] = [tensor.shape, model.shape];
  if (
    actual.length === expected.length &&
    actual.every((size, i) => size === expected[i])
  ) return;
  const text = actual.at(-1) !== expected.at(-1) && expected.length > 0
    ? `[..., ${expected.at(-1)}]`
    : `[${expected.join(", ")}]`;
  throw shapeError(task, what, `${text} like ${whose}`, tensor);
}

/**
 * Refuses a tensor without a last dimension of a given size.
 *
 * @param task What cannot be done otherwise, as in "compute IoU".
 * @param what The tensor to check, as in "boxes".
 * @param tensor The tensor to check, any shape.
 * @param size The size of the last dimension; without it any size but 0 will do.
 * @throws {TypeError} If the last dimension is missing or differs.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { requireLastDimension } from "ldlab/boxes/shape_guard.ts";
 *
 * requireLastDimension("compute IoU", "boxes", tf.zeros([7, 4]), 4);
 * assert.throws(
 *   () => requireLastDimension("compute IoU", "boxes", tf.zeros([7, 5]), 4),
 *   TypeError,
 * );
 * ```
 */
export function requireLastDimension(
  task: string,
  what: string,
  tensor: tf.Tensor,
  size?: number,
): void {
  const last = tensor.shape.at(-1);
  if (size === undefined ? last : last === size) return;
  throw shapeError(task, what, `[..., ${size ?? "n"}]`, tensor);
}
