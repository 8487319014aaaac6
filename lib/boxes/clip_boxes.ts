import * as tf from "@tensorflow/tfjs-core";
import { requireLastDimension } from "./shape_guard.ts";

/** The size of an image. */
export interface ImageSize {
  /** Pixels, at least 0. */
  readonly height: number;
  /** Pixels, at least 0. */
  readonly width: number;
}

/**
 * Clips boxes to an image. Use it on decoded boxes that are looked at or
 * evaluated; losses take them unclipped, for what is clipped passes no gradient.
 *
 * x = min(max(x, 0), width), y = min(max(y, 0), height)
 *
 * @param boxes [..., 4] as x1, y1, x2, y2, pixels.
 * @param imageSize Height and width of the image in pixels.
 * @returns The shape of the boxes, within the image; a box outside is empty.
 * @throws {TypeError} If the boxes do not end in 4.
 * @throws {RangeError} If the height or width is not a finite number of at
 * least 0.
 * @see MMDetection 3.3.0, `max_shape` of `distance2bbox` and `delta2bbox`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { clipBoxes } from "ldlab/boxes/clip_boxes.ts";
 *
 * const boxes = tf.tensor2d([[-5, 10, 30, 90]]);
 * const clipped = clipBoxes(boxes, { height: 60, width: 80 });
 * assert.deepEqual([...await clipped.data()], [0, 10, 30, 60]);
 * ```
 */
export function clipBoxes(boxes: tf.Tensor, imageSize: ImageSize): tf.Tensor {
  const task = "clip boxes";
  requireLastDimension(task, "boxes", boxes, 4);
  const { height, width } = imageSize;
  for (const [name, size] of Object.entries({ height, width })) {
    if (size >= 0 && Number.isFinite(size)) continue;
    throw new RangeError(
      `Cannot ${task}: the image's ${name} must be a finite number of at least 0: current value is ${size}`,
    );
  }
  return tf.tidy(() => {
    const limits = tf.tensor1d([width, height, width, height]);
    return tf.minimum(tf.maximum(boxes, 0), limits);
  });
}
