// B images, A locations of all levels, L levels.
import * as tf from "@tensorflow/tfjs-core";
import type { Anchors } from "../boxes/anchors.ts";

/**
 * Weighs locations by what is on their level: so a sum over the batch becomes a
 * sum of the levels' means, or leaves levels out.
 *
 * share_a = 1 / max(1, ones of `mean` on a's level, over all images), and 0 where
 * the level has no one of `where`
 *
 * Without matrix products, which a step in bfloat16 would round.
 *
 * @param anchors The anchors of the input's size.
 * @param options.mean [B, A] of 0 and 1: what is counted; nothing divides
 * unless given.
 * @param options.where [B, A] of 0 and 1: all levels count unless given.
 * @returns [1, A].
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { levelShares } from "ldlab/distill/level_shares.ts";
 *
 * // Two locations on the first level, one on the second.
 * const anchors = makeAnchors({ height: 8, width: 16, strides: [8, 16] });
 * const mean = tf.tensor2d([[1, 1, 0], [1, 1, 1]]);
 * const shares = levelShares(anchors, { mean });
 * assert.deepEqual([...await shares.data()], [0.25, 0.25, 1]);
 * ```
 */
export function levelShares(
  { levels, count }: Pick<Anchors, "levels" | "count">,
  { mean, where }: { mean?: tf.Tensor2D; where?: tf.Tensor2D },
): tf.Tensor2D {
  const member = new Float32Array(levels.length * count); // [L, A]
  levels.forEach(({ start, count: size }, level) => {
    member.fill(1, level * count + start, level * count + start + size);
  });
  return tf.tidy(() => {
    const membership = tf.tensor2d(member, [levels.length, count]);
    const countOf = (locations: tf.Tensor) =>
      tf.sum(tf.mul(membership, tf.sum(locations, 0, true)), 1, true); // [L, 1]
    let shares = membership;
    if (mean) {
      shares = tf.mul(shares, tf.div(1, tf.maximum(countOf(mean), 1)));
    }
    if (where) shares = tf.mul(shares, tf.minimum(countOf(where), 1));
    return tf.sum<tf.Tensor2D>(shares, 0, true);
  });
}
