import * as tf from "@tensorflow/tfjs-core";

/**
 * Weights and reduces an element-wise loss as MMDetection's `weight_reduce_loss`
 * does, so that its golden vectors of every reduction check our losses.
 */
export function reduceAsMmdet(
  loss: tf.Tensor,
  weight: tf.Tensor | undefined,
  params: {
    reduction?: string;
    avg_factor?: number | null;
    loss_weight?: number;
  },
): tf.Tensor {
  const { reduction = "mean", avg_factor = null, loss_weight = 1 } = params;
  const weights = weight && weightsOf(loss, weight);
  const weighted = tf.mul(weights ? tf.mul(loss, weights) : loss, loss_weight);
  if (reduction === "none") return weighted;
  if (reduction === "sum") return tf.sum(weighted);
  // As there, the mean of nothing is NaN.
  if (avg_factor === null) return tf.div(tf.sum(weighted), weighted.size);
  return tf.div(tf.sum(weighted), avg_factor + 2 ** -23);
}

/**
 * A weight for each of a box's four sides counts by its mean, a weight for a row
 * for all of the row's classes.
 */
function weightsOf(loss: tf.Tensor, weight: tf.Tensor): tf.Tensor {
  if (weight.rank > loss.rank) return tf.mean(weight, -1);
  return weight.rank < loss.rank ? tf.expandDims(weight, -1) : weight;
}
