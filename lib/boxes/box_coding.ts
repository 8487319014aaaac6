/**
 * Boxes as distances of their four sides (left, top, right, bottom) from a
 * location, in stride units, and back, as tensors.
 */
import * as tf from "@tensorflow/tfjs-core";
import { requireLocations } from "./location_guard.ts";

/** Options of {@linkcode boxToDistances}. */
export interface BoxToDistancesOptions {
  /**
   * The largest distance a distribution holds, n − 1, in stride units. Without
   * it nothing is clamped: outside its box a location has distances below 0.
   */
  regMax?: number;
  /**
   * Distances stay this far below regMax, so that DFL has a bin on each side;
   * from 0 to regMax, in stride units. Without regMax it does nothing.
   *
   * @default {0.1}
   */
  margin?: number;
}

/**
 * Encodes boxes as distances of their sides from locations. Use it to make the
 * target of DFL; the inverse is {@linkcode distancesToBox}.
 *
 * (l, t, r, b) = (cx − x1, cy − y1, x2 − cx, y2 − cy) / stride, clamped to
 * [0, regMax − margin] where regMax is given
 *
 * @param centers [A, 2], x and y of the locations, pixels.
 * @param boxes [..., A, 4] as x1, y1, x2, y2, pixels.
 * @param strides [A], pixels, above 0.
 * @param options The largest distance, and how far from it targets stay.
 * @returns [..., A, 4] as left, top, right, bottom, stride units. A clamped
 * distance passes no gradient.
 * @throws {TypeError} If the shapes do not fit together.
 * @throws {RangeError} If regMax is not a whole number above 0 or the margin not
 * between 0 and it.
 * @see MMDetection 3.3.0 `bbox2distance(max_dis=regMax, eps=margin)`, which
 * clamps nothing either where `max_dis` is None
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { boxToDistances } from "ldlab/boxes/box_coding.ts";
 *
 * const centers = tf.tensor2d([[16, 8]]);
 * const boxes = tf.tensor2d([[0, 4, 20, 400]]);
 * const distances = boxToDistances(centers, boxes, tf.tensor1d([8]), { regMax: 16 });
 * const [left, top, right, bottom] = await distances.data();
 * assert.deepEqual([left, top, right], [2, 0.5, 0.5]);
 * assert.ok(Math.abs(bottom - 15.9) < 1e-6);
 * ```
 */
export function boxToDistances(
  centers: tf.Tensor2D,
  boxes: tf.Tensor,
  strides: tf.Tensor1D,
  { regMax, margin = 0.1 }: BoxToDistancesOptions = {},
): tf.Tensor {
  const task = "encode boxes as distances";
  requireLocations(task, "boxes", centers, boxes, strides);
  if (regMax !== undefined && !(Number.isInteger(regMax) && regMax > 0)) {
    throw new RangeError(
      `Cannot ${task}: regMax must be a whole number above 0: current value is ${regMax}`,
    );
  }
  if (regMax !== undefined && !(margin >= 0 && margin <= regMax)) {
    throw new RangeError(
      `Cannot ${task}: margin must be a number from 0 to ${regMax}: current value is ${margin}`,
    );
  }
  return tf.tidy(() => {
    const { origins, signedStrides } = sides(centers, strides);
    const distances = tf.div(tf.sub(boxes, origins), signedStrides);
    if (regMax === undefined) return distances;
    return tf.clipByValue(distances, 0, regMax - margin);
  });
}

/**
 * Decodes distances of the four sides from locations into boxes. Use it on the
 * expected distances of a detector; the inverse is {@linkcode boxToDistances}.
 *
 * (x1, y1, x2, y2) = (cx − l·stride, cy − t·stride, cx + r·stride, cy + b·stride)
 *
 * @param centers [A, 2], x and y of the locations, pixels.
 * @param distances [..., A, 4] as left, top, right, bottom, stride units.
 * @param strides [A], pixels, above 0.
 * @returns [..., A, 4] as x1, y1, x2, y2, pixels, not clipped to the image.
 * @throws {TypeError} If the shapes do not fit together.
 * @see MMDetection 3.3.0 `distance2bbox`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { distancesToBox } from "ldlab/boxes/box_coding.ts";
 *
 * const centers = tf.tensor2d([[16, 8]]);
 * const distances = tf.tensor2d([[2, 0.5, 0.5, 3]]);
 * const boxes = distancesToBox(centers, distances, tf.tensor1d([8]));
 * assert.deepEqual([...await boxes.data()], [0, 4, 20, 32]);
 * ```
 */
export function distancesToBox(
  centers: tf.Tensor2D,
  distances: tf.Tensor,
  strides: tf.Tensor1D,
): tf.Tensor {
  requireLocations(
    "decode distances as boxes",
    "distances",
    centers,
    distances,
    strides,
  );
  return tf.tidy(() => {
    const { origins, signedStrides } = sides(centers, strides);
    return tf.add(origins, tf.mul(distances, signedStrides));
  });
}

/** Where each side is measured from and along what: both [A, 4]. */
function sides(centers: tf.Tensor2D, strides: tf.Tensor1D) {
  const outward = tf.tensor2d([[-1, -1, 1, 1]]); // left, top, right, bottom
  return {
    origins: tf.tile(centers, [1, 2]),
    signedStrides: tf.mul(tf.expandDims(strides, -1), outward),
  };
}
