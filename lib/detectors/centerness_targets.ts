// B images, A locations of all levels.
import * as tf from "@tensorflow/tfjs-core";
import type { Anchors } from "../boxes/anchors.ts";
import { localFrame } from "./local_frame.ts";

/**
 * Computes how near locations are to the middle of their boxes: what the
 * centre-ness of FCOS and ATSS learns, and how their box losses weigh locations.
 *
 * c = √(min(l, r) / max(l, r) · min(t, b) / max(t, b)), with l, t, r, b the
 * distances of the location from the sides of its box
 *
 * @param anchors The anchors of the input's size; their centres count.
 * @param boxTargets [B, A, 4] as x1, y1, x2, y2, pixels.
 * @param positive [B, A]: 1 where a location has a box, else 0.
 * @returns [B, A], in [0, 1]: 0 where there is no box, and where the location does
 * not lie inside it, of which the reference code makes NaN.
 * @see Tian et al., "FCOS", ICCV 2019, equation 3; MMDetection 3.3.0
 * `centerness_target` of `FCOSHead` and `ATSSHead`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { centernessTargets } from "ldlab/detectors/centerness_targets.ts";
 *
 * // The location (0, 0) is 1 from the left side, 4 from the right, in the middle in y.
 * const anchors = makeAnchors({ height: 8, width: 8, strides: [8] });
 * const boxes = tf.tensor3d([-1, -5, 4, 5], [1, 1, 4]);
 * const c = centernessTargets(anchors, boxes, tf.ones([1, 1]));
 * assert.deepEqual([...await c.data()], [0.5]);
 * ```
 */
export function centernessTargets(
  anchors: Pick<Anchors, "centers" | "strides" | "count">,
  boxTargets: tf.Tensor3D,
  positive: tf.Tensor2D,
): tf.Tensor2D {
  return tf.tidy(() => {
    const frame = localFrame(anchors);
    const distances = tf.mul(tf.sub(boxTargets, frame.origins), frame.outward);
    const [left, top, right, bottom] = tf.unstack(
      tf.where(tf.cast(tf.expandDims(positive, -1), "bool"), distances, 0),
      -1,
    );
    const balance = (a: tf.Tensor, b: tf.Tensor) => {
      const longer = tf.maximum(a, b);
      const some = tf.greater(longer, 0);
      return tf.div(
        tf.maximum(tf.minimum(a, b), 0),
        tf.where(some, longer, tf.onesLike(longer)),
      );
    };
    return tf.sqrt(
      tf.mul(balance(left, right), balance(top, bottom)),
    ) as tf.Tensor2D;
  });
}
