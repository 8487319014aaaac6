// A locations of all levels.
import * as tf from "@tensorflow/tfjs-core";
import type { Anchors } from "../boxes/anchors.ts";

/** Where the sides of a location's box are measured from, and along what. */
export interface LocalFrame {
  /** [A, 4]: x, y, x, y of the location, pixels. */
  readonly origins: tf.Tensor2D;
  /** [A, 4]: its stride, pixels, negative for left and top. */
  readonly strides: tf.Tensor2D;
  /** [4]: −1, −1, 1, 1. */
  readonly outward: tf.Tensor1D;
}

/**
 * Makes the frame in which a location's distances are a box around 0: its box in
 * pixels is `origins + distances · strides`, its box in strides around its own
 * location `distances · outward`.
 *
 * Use it where boxes of the same location are compared: the numbers are small,
 * so float32 loses less than in pixels of the image.
 *
 * @param anchors The anchors of the input's size.
 * @returns The frame.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import "@tensorflow/tfjs";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { localFrame } from "ldlab/detectors/local_frame.ts";
 *
 * const anchors = makeAnchors({ height: 8, width: 16, strides: [8] });
 * const { origins, strides } = localFrame(anchors);
 * assert.deepEqual([...await origins.data()], [0, 0, 0, 0, 8, 0, 8, 0]);
 * assert.deepEqual([...(await strides.data()).slice(4)], [-8, -8, 8, 8]);
 * ```
 */
export function localFrame(
  { centers, strides, count }: Pick<Anchors, "centers" | "strides" | "count">,
): LocalFrame {
  const origins = new Float32Array(count * 4);
  const signed = new Float32Array(count * 4);
  const outward = [-1, -1, 1, 1]; // left, top, right, bottom
  for (let i = 0; i < count * 4; i++) {
    const location = i >> 2;
    origins[i] = centers[location * 2 + (i & 1)];
    signed[i] = strides[location] * outward[i & 3];
  }
  return {
    origins: tf.tensor2d(origins, [count, 4]),
    strides: tf.tensor2d(signed, [count, 4]),
    outward: tf.tensor1d(outward),
  };
}
