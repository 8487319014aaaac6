import * as tf from "@tensorflow/tfjs-core";
import {
  activeBackend,
  type TensorflowBackend,
} from "../tensorflow_backend.ts";

// B images, H x W pixels, C channels.

/** Attributes of the kernel `FusedBatchNormV3`. */
export interface FusedBatchNormAttributes {
  /** Added to the variance, greater than 0. */
  readonly epsilon: number;
  /** Whether to normalise by the batch's own statistics. */
  readonly training: boolean;
}

/**
 * Registers the kernel `FusedBatchNormV3` and its gradient: batch normalisation
 * whose gradient goes through the batch's mean and variance when training, which
 * tfjs's own does not.
 *
 * Inputs `x` [B, H, W, C] and, each [C], `scale`, `offset`, `mean`, `variance`
 * (the last two are read only where `training` is false); attributes
 * {@link FusedBatchNormAttributes}. Outputs: `y`; the batch's mean and its
 * unbiased variance (else the given ones); then three that the gradient needs.
 * Gradients flow to `x`, `scale` and `offset`, from `y` only.
 */
export function registerFusedBatchNorm(): void {
  tf.registerKernel({
    kernelName: "FusedBatchNormV3",
    backendName: "tensorflow",
    kernelFunc: ({ inputs, backend, attrs }) => {
      const { x, scale, offset, mean, variance } = inputs as Record<
        string,
        tf.TensorInfo
      >;
      const { epsilon, training } =
        attrs as unknown as FusedBatchNormAttributes;
      const run = (mean: tf.TensorInfo, variance: tf.TensorInfo) =>
        (backend as TensorflowBackend).executeMultipleOutputs(
          "FusedBatchNormV3",
          [
            { name: "epsilon", value: epsilon },
            { name: "is_training", value: training },
          ],
          [x, scale, offset, mean, variance],
          6,
        );
      if (!training) return run(mean, variance);
      const none = tf.tensor1d([], "float32");
      const outputs = run(none, none);
      none.dispose();
      return outputs;
    },
  });
  tf.registerGradient({
    kernelName: "FusedBatchNormV3",
    inputsToSave: ["x", "scale", "mean", "variance"],
    outputsToSave: [false, false, false, true, true, true],
    gradFunc: (dys, saved, attrs) => {
      const [x, scale, mean, variance, reserve1, reserve2, reserve3] = saved;
      const { epsilon, training } =
        attrs as unknown as FusedBatchNormAttributes;
      const [dx, dScale, dOffset] = activeBackend().executeMultipleOutputs(
        "FusedBatchNormGradV3",
        [
          { name: "epsilon", value: epsilon },
          { name: "is_training", value: training },
        ],
        [
          (dys as tf.Tensor[])[0],
          x,
          scale,
          training ? reserve1 : mean,
          training ? reserve2 : variance,
          reserve3,
        ],
        5,
      );
      return { x: () => dx, scale: () => dScale, offset: () => dOffset };
    },
  });
}
