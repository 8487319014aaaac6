import * as tf from "@tensorflow/tfjs-core";
import { constant, type Initializer } from "./initializers.ts";
import type { Scope } from "./scope.ts";

const EPSILON = 1e-5;
const MOMENTUM = 0.1;

/** A layer that behaves differently in training: [B, H, W, C] in and out. */
export type NormLayer = (x: tf.Tensor4D, training: boolean) => tf.Tensor4D;

/**
 * Makes a batch normalisation. In training it uses the batch's mean and
 * variance, through which gradients flow, and moves the running statistics; the
 * running variance is the unbiased one, as in PyTorch. Otherwise it uses the
 * running statistics, and still has gradients.
 *
 * y = weight · (x − mean) / √(variance + 1e-5) + bias
 * running = 0.9 · running + 0.1 · batch
 *
 * A layer of a frozen scope, and one with `frozenStatistics`, uses the running
 * statistics in training too (`norm_eval` of MMDetection).
 *
 * @param scope Where `weight`, `bias`, `running_mean` and `running_var`, each
 * [channels], are made.
 * @param options.channels Channels of x.
 * @param options.weight How the scale starts; 1 if not given.
 * @param options.frozenStatistics Whether training leaves the running
 * statistics alone and uses them.
 * @returns The layer. Called with training, it assigns the running statistics.
 * @see Ioffe and Szegedy, "Batch Normalization", ICML 2015, algorithms 1 and 2.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs";
 * import { batchNorm } from "ldlab/nn/batch_norm.ts";
 * import { openScope } from "ldlab/nn/scope.ts";
 *
 * const { scope, variables } = openScope({ seed: 1 });
 * const layer = batchNorm(scope, { channels: 1 });
 * const y = layer(tf.tensor4d([1, 3], [2, 1, 1, 1]), true);
 * assert.ok(Math.abs((await y.data())[1] - 1) < 1e-4);
 * // 0.9 · 1 + 0.1 · 2, for the unbiased variance of 1 and 3 is 2.
 * const [variance] = await variables.buffers.get("running_var")!.data();
 * assert.ok(Math.abs(variance - 1.1) < 1e-6);
 * ```
 */
export function batchNorm(
  scope: Scope,
  { channels, weight = constant(1), frozenStatistics = scope.frozen }: {
    channels: number;
    weight?: Initializer;
    frozenStatistics?: boolean;
  },
): NormLayer {
  const scale = scope.parameter("weight", [channels], weight);
  const offset = scope.parameter("bias", [channels], constant(0));
  const mean = scope.buffer("running_mean", [channels], constant(0));
  const variance = scope.buffer("running_var", [channels], constant(1));

  const move = (running: tf.Variable, batch: tf.Tensor) =>
    running.assign(
      tf.add(tf.mul(running, 1 - MOMENTUM), tf.mul(batch, MOMENTUM)),
    );
  return (x, training) => {
    const batch = training && !frozenStatistics && !scope.frozen;
    const fused = tf.getKernel("FusedBatchNormV3", tf.getBackend()) !==
      undefined;
    if (!batch) {
      return fused
        ? runFused({ x, scale, offset, mean, variance }, false)[0]
        : tf.batchNorm(
          x,
          mean as tf.Tensor as tf.Tensor1D,
          variance as tf.Tensor as tf.Tensor1D,
          offset as tf.Tensor as tf.Tensor1D,
          scale as tf.Tensor as tf.Tensor1D,
          EPSILON,
        );
    }
    const [y, batchMean, batchVariance] = fused
      ? runFused({ x, scale, offset, mean, variance }, true)
      : compose(x, scale, offset);
    move(mean, batchMean);
    move(variance, batchVariance);
    return y;
  };
}

function runFused(
  inputs: Record<"x" | "scale" | "offset" | "mean" | "variance", tf.Tensor>,
  training: boolean,
): [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D] {
  return tf.engine().runKernel("FusedBatchNormV3", inputs, {
    epsilon: EPSILON,
    training,
  }) as tf.Tensor[] as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D];
}

// The same from tfjs's own ops, whose gradients reach the statistics.
function compose(
  x: tf.Tensor4D,
  scale: tf.Tensor,
  offset: tf.Tensor,
): [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D] {
  const { mean, variance } = tf.moments(x, [0, 1, 2]); // [C]
  const factor = tf.mul(scale, tf.rsqrt(tf.add(variance, EPSILON)));
  const y = tf.add(tf.mul(tf.sub(x, mean), factor), offset) as tf.Tensor4D;
  const [batch, height, width] = x.shape;
  const count = batch * height * width;
  return [
    y,
    mean as tf.Tensor1D,
    tf.mul(variance, count / Math.max(count - 1, 1)) as tf.Tensor1D,
  ];
}
