import * as tf from "@tensorflow/tfjs-core";
import type { TensorflowBackend } from "../tensorflow_backend.ts";

/**
 * Replaces tfjs-node's kernel of `tf.gather`, which reads the indices on the host
 * to check them: slow, and impossible while a step is recorded. TensorFlow's own
 * op checks them itself.
 */
export function registerGather(): void {
  tf.unregisterKernel(tf.GatherV2, "tensorflow");
  tf.registerKernel({
    kernelName: tf.GatherV2,
    backendName: "tensorflow",
    kernelFunc: ({ inputs, backend, attrs }) => {
      const { x, indices } = inputs as Record<string, tf.TensorInfo>;
      const { axis, batchDims } = attrs as unknown as tf.GatherV2Attrs;
      const axisTensor = tf.scalar(axis, "int32");
      const result = (backend as TensorflowBackend).executeSingleOutput(
        "GatherV2",
        [{ name: "batch_dims", value: batchDims }],
        [x, indices, axisTensor],
      );
      axisTensor.dispose();
      return result;
    },
  });
}
