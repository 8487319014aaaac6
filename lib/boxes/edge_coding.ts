/**
 * An edge's position as a distribution over the two bins around it, and back, as
 * tensors.
 */
import * as tf from "@tensorflow/tfjs-core";
import { requireLastDimension } from "./shape_guard.ts";
import { type Support, supportPoints } from "./support.ts";

/** Options of {@linkcode edgeToDistribution}. */
export interface EdgeToDistributionOptions extends Support {
  /** n, how many bins, a whole number above 0. */
  bins: number;
}

/**
 * Encodes positions of edges as distributions whose mass lies on the two bins
 * around each, in proportion to how near they are. Use it to write a Dirac edge,
 * as a plain detector's or the truth, in the form that LD compares: it is the
 * target of DFL. The inverse is {@linkcode distributionToEdge}.
 *
 * p_i = max(0, 1 − |e − e_i| / Δ), Δ the step from bin to bin
 *
 * @param positions e, [...], in the unit of the support. Beyond its ends they
 * count as the end, with no gradient.
 * @param options How many bins, and where the first and the last lie: 0 and
 * n − 1 for distances of sides in stride units.
 * @returns [..., n]; sums to 1 over the last dimension.
 * @throws {RangeError} If `bins` is no whole number above 0, or the support no
 * range of finite numbers.
 * @see Li et al., Generalized Focal Loss, NeurIPS 2020, section 3.2; Zheng et
 * al., Localization Distillation for Dense Object Detection, CVPR 2022, section
 * 3.1, on the Dirac delta as a special case
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { edgeToDistribution } from "ldlab/boxes/edge_coding.ts";
 *
 * const p = edgeToDistribution(tf.tensor1d([1.25, 3]), { bins: 4 });
 * assert.deepEqual([...await p.data()], [0, 0.75, 0.25, 0, 0, 0, 0, 1]);
 * ```
 */
export function edgeToDistribution(
  positions: tf.Tensor,
  { bins, ...support }: EdgeToDistributionOptions,
): tf.Tensor {
  const points = supportPoints("encode edges", bins, support);
  const step = bins > 1 ? points[1] - points[0] : 1;
  return tf.tidy(() => {
    const inBins = tf.div(tf.sub(positions, points[0]), step);
    // Not tf.clipByValue, which gives a single bin no gradient but an error.
    const within = tf.minimum(tf.maximum(inBins, 0), bins - 1);
    const away = tf.abs(tf.sub(tf.expandDims(within, -1), tf.range(0, bins)));
    return tf.relu(tf.sub(1, away));
  });
}

/**
 * Decodes distributions of edges into their expected positions. Use it where
 * probabilities are at hand; of logits {@linkcode integral} takes the same mean.
 *
 * ê = Σ_i e_i p_i
 *
 * @param probabilities p, [..., n], of sum 1.
 * @param support Where the first and the last bin lie: 0 and n − 1 for distances
 * of sides in stride units.
 * @returns [...], in the unit of the support.
 * @throws {TypeError} If the probabilities are a scalar.
 * @throws {RangeError} If the support is no range of finite numbers.
 * @see Zheng et al., Localization Distillation for Dense Object Detection, CVPR
 * 2022, equation 1
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { distributionToEdge } from "ldlab/boxes/edge_coding.ts";
 *
 * const p = tf.tensor1d([0, 0.75, 0.25, 0]);
 * assert.deepEqual([...await distributionToEdge(p).data()], [1.25]);
 * ```
 */
export function distributionToEdge(
  probabilities: tf.Tensor,
  support: Support = {},
): tf.Tensor {
  const task = "decode edges";
  requireLastDimension(task, "probabilities", probabilities);
  const points = supportPoints(task, probabilities.shape.at(-1)!, support);
  return tf.tidy(() => tf.sum(tf.mul(probabilities, tf.tensor1d(points)), -1));
}
