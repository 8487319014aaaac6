/**
 * Boxes as centre and size (x, y, w, h), the centre seen from a location, in
 * stride units: the other form beside the sides of box_coding.ts, and the switch
 * between both, as tensors.
 */
import * as tf from "@tensorflow/tfjs-core";
import { distancesToBox } from "./box_coding.ts";
import { joinHalves, splitHalves } from "./halves.ts";
import { requireLocations } from "./location_guard.ts";
import { requireLastDimension } from "./shape_guard.ts";

/**
 * Encodes boxes as centre and size. Use it for the targets of a detector that
 * regresses those; unlike the sides, they need no location inside the box. The
 * inverse is {@linkcode centerSizeToBox}.
 *
 * (x, y, w, h) = ((x1 + x2) / 2 − cx, (y1 + y2) / 2 − cy, x2 − x1, y2 − y1) / stride
 *
 * @param centers [A, 2], cx and cy of the locations, pixels.
 * @param boxes [..., A, 4] as x1, y1, x2, y2, pixels.
 * @param strides [A], pixels, above 0.
 * @returns [..., A, 4] as x, y, w, h, stride units.
 * @throws {TypeError} If the shapes do not fit together.
 * @see Zheng et al., Localization Distillation for Dense Object Detection, CVPR
 * 2022, section 3.1; the unit is ours, after {@linkcode boxToDistances}
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { boxToCenterSize } from "ldlab/boxes/center_size.ts";
 *
 * const centers = tf.tensor2d([[16, 8]]);
 * const boxes = tf.tensor2d([[0, 4, 24, 36]]);
 * const values = boxToCenterSize(centers, boxes, tf.tensor1d([8]));
 * assert.deepEqual([...await values.data()], [-0.5, 1.5, 3, 4]);
 * ```
 */
export function boxToCenterSize(
  centers: tf.Tensor2D,
  boxes: tf.Tensor,
  strides: tf.Tensor1D,
): tf.Tensor {
  const task = "encode boxes as centre and size";
  requireLocations(task, "boxes", centers, boxes, strides);
  return tf.tidy(() => {
    const [low, high] = splitHalves(boxes); // [..., A, 2] each
    const moves = tf.sub(tf.mul(tf.add(low, high), 0.5), centers);
    const values = joinHalves(moves, tf.sub(high, low));
    return tf.div(values, tf.expandDims(strides, -1));
  });
}

/**
 * Decodes centre and size into boxes. Use it on the expected centre and size of
 * a detector; the inverse is {@linkcode boxToCenterSize}.
 *
 * (x1, y1) = (cx, cy) + ((x, y) − (w, h) / 2) · stride,
 * (x2, y2) = (cx, cy) + ((x, y) + (w, h) / 2) · stride
 *
 * @param centers [A, 2], cx and cy of the locations, pixels.
 * @param values [..., A, 4] as x, y, w, h, stride units.
 * @param strides [A], pixels, above 0.
 * @returns [..., A, 4] as x1, y1, x2, y2, pixels, not clipped to the image.
 * @throws {TypeError} If the shapes do not fit together.
 * @see Zheng et al., Localization Distillation for Dense Object Detection, CVPR
 * 2022, section 3.1; the unit is ours, after {@linkcode distancesToBox}
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { centerSizeToBox } from "ldlab/boxes/center_size.ts";
 *
 * const centers = tf.tensor2d([[16, 8]]);
 * const values = tf.tensor2d([[-0.5, 1.5, 3, 4]]);
 * const boxes = centerSizeToBox(centers, values, tf.tensor1d([8]));
 * assert.deepEqual([...await boxes.data()], [0, 4, 24, 36]);
 * ```
 */
export function centerSizeToBox(
  centers: tf.Tensor2D,
  values: tf.Tensor,
  strides: tf.Tensor1D,
): tf.Tensor {
  const task = "decode centre and size as boxes";
  requireLocations(task, "values", centers, values, strides);
  return tf.tidy(() =>
    distancesToBox(centers, centerSizeToSides(values), strides)
  );
}

/**
 * Switches centres and sizes to sides. The paper distils in this form: its four
 * numbers mean the same and share one range. For distributions see
 * {@linkcode switchToSides}.
 *
 * (l, t) = (w, h) / 2 − (x, y), (r, b) = (w, h) / 2 + (x, y)
 *
 * @param values [..., 4] as x, y, w, h, the centre seen from a location, any unit.
 * @returns [..., 4] as left, top, right, bottom, the same unit.
 * @throws {TypeError} If the values do not end in 4.
 * @see Zheng et al., Localization Distillation for Dense Object Detection, CVPR
 * 2022, section 3.2
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { centerSizeToSides } from "ldlab/boxes/center_size.ts";
 *
 * const sides = centerSizeToSides(tf.tensor2d([[-0.5, 1.5, 3, 4]]));
 * assert.deepEqual([...await sides.data()], [2, 0.5, 1, 3.5]);
 * ```
 */
export function centerSizeToSides(values: tf.Tensor): tf.Tensor {
  requireLastDimension("switch to sides", "values", values, 4);
  return tf.tidy(() => {
    const [moves, sizes] = splitHalves(values);
    const half = tf.mul(sizes, 0.5);
    return joinHalves(tf.sub(half, moves), tf.add(half, moves));
  });
}

/**
 * Switches sides to centres and sizes. The inverse of
 * {@linkcode centerSizeToSides}; for distributions see
 * {@linkcode switchToCenterSize}.
 *
 * (x, y) = ((r, b) − (l, t)) / 2, (w, h) = (l, t) + (r, b)
 *
 * @param sides [..., 4] as left, top, right, bottom, any unit.
 * @returns [..., 4] as x, y, w, h, the same unit.
 * @throws {TypeError} If the sides do not end in 4.
 * @see Zheng et al., Localization Distillation for Dense Object Detection, CVPR
 * 2022, section 3.2
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { sidesToCenterSize } from "ldlab/boxes/center_size.ts";
 *
 * const values = sidesToCenterSize(tf.tensor2d([[2, 0.5, 1, 3.5]]));
 * assert.deepEqual([...await values.data()], [-0.5, 1.5, 3, 4]);
 * ```
 */
export function sidesToCenterSize(sides: tf.Tensor): tf.Tensor {
  requireLastDimension("switch to centre and size", "sides", sides, 4);
  return tf.tidy(() => {
    const [low, high] = splitHalves(sides);
    return joinHalves(tf.mul(tf.sub(high, low), 0.5), tf.add(low, high));
  });
}
