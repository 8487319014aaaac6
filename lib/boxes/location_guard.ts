import type * as tf from "@tensorflow/tfjs-core";
import { requireLastDimension, shapeError } from "./shape_guard.ts";

/**
 * Refuses four numbers a location that do not belong to the locations.
 *
 * @param task What cannot be done otherwise, as in "decode distances as boxes".
 * @param what The numbers, as in "distances".
 * @param centers x and y of the A locations, [A, 2].
 * @param values The numbers, [..., A, 4].
 * @param strides Strides of the locations, [A].
 * @throws {TypeError} If the shapes do not fit together.
 */
export function requireLocations(
  task: string,
  what: string,
  centers: tf.Tensor,
  values: tf.Tensor,
  strides: tf.Tensor,
): void {
  requireLastDimension(task, what, values, 4);
  const count = values.shape.at(-2);
  if (count === undefined) throw shapeError(task, what, "[..., A, 4]", values);
  if (
    centers.rank !== 2 || centers.shape[0] !== count || centers.shape[1] !== 2
  ) {
    throw shapeError(
      task,
      "centers",
      `[${count}, 2] as there are ${what}`,
      centers,
    );
  }
  if (strides.rank !== 1 || strides.shape[0] !== count) {
    throw shapeError(
      task,
      "strides",
      `[${count}] as there are ${what}`,
      strides,
    );
  }
}
