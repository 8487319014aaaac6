/** How sure a detector with distribution boxes is of where an edge lies. */
import * as tf from "@tensorflow/tfjs-core";
import type { GeneralizedSoftmaxOptions } from "./distribution.ts";
import { requireLastDimension } from "./shape_guard.ts";
import { requireTemperature } from "./temperature.ts";

/**
 * Entropy of an edge's distribution: high where the edge is ambiguous and the
 * distribution flat. Use it to find the edges of the paper's figure 1; for a
 * number that does not depend on the bins see {@linkcode edgeSharpness}.
 *
 * H = −Σ_i p_i log p_i, p = softmax(z / τ)
 *
 * @param logits z, [..., n], finite.
 * @param options The temperature.
 * @returns [...], in [0, ln n], nats.
 * @throws {TypeError} If the logits are a scalar or a temperature tensor is not.
 * @throws {RangeError} If a temperature number is not above 0.
 * @see Zheng et al., Localization Distillation for Dense Object Detection, CVPR
 * 2022, section 3.2, on flatness and sharpness, for which it gives no formula
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { edgeEntropy } from "ldlab/boxes/edge_entropy.ts";
 *
 * // Nothing known of 4 bins, then two of them equally likely.
 * const logits = tf.tensor2d([[0, 0, 0, 0], [9, -99, 9, -99]]);
 * const [flat, two] = await edgeEntropy(logits).data();
 * assert.ok(Math.abs(flat - Math.log(4)) < 1e-6);
 * assert.ok(Math.abs(two - Math.LN2) < 1e-6);
 * ```
 */
export function edgeEntropy(
  logits: tf.Tensor,
  { temperature = 1 }: GeneralizedSoftmaxOptions = {},
): tf.Tensor {
  requireEdge("compute the entropy of edges", logits, temperature);
  return tf.tidy(() => {
    const logP = tf.logSoftmax(tf.div(logits, temperature));
    return tf.neg(tf.sum(tf.mul(tf.exp(logP), logP), -1));
  });
}

/**
 * Sharpness of an edge's distribution: 1 where all its mass is on one bin, 0
 * where it is flat. Use it to compare edges of detectors with other bins. The
 * paper speaks of sharpness without a formula; this measure is ours.
 *
 * 1 − H / ln n, H the entropy of softmax(z / τ)
 *
 * @param logits z, [..., n], finite.
 * @param options The temperature.
 * @returns [...], in [0, 1]; 1 for a single bin.
 * @throws {TypeError} If the logits are a scalar or a temperature tensor is not.
 * @throws {RangeError} If a temperature number is not above 0.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { edgeSharpness } from "ldlab/boxes/edge_entropy.ts";
 *
 * // One bin of 4, two of them, and nothing known.
 * const logits = tf.tensor2d([[0, 99, 0, 0], [9, -99, 9, -99], [0, 0, 0, 0]]);
 * const sharpness = await edgeSharpness(logits).data();
 * [1, 0.5, 0].forEach((expected, i) =>
 *   assert.ok(Math.abs(sharpness[i] - expected) < 1e-6)
 * );
 * ```
 */
export function edgeSharpness(
  logits: tf.Tensor,
  { temperature = 1 }: GeneralizedSoftmaxOptions = {},
): tf.Tensor {
  requireEdge("compute the sharpness of edges", logits, temperature);
  const flat = Math.log(Math.max(logits.shape.at(-1)!, 2));
  return tf.tidy(() =>
    tf.sub(1, tf.div(edgeEntropy(logits, { temperature }), flat))
  );
}

function requireEdge(
  task: string,
  logits: tf.Tensor,
  temperature: number | tf.Tensor,
): void {
  requireLastDimension(task, "logits", logits);
  requireTemperature(task, temperature);
}
