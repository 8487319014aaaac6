import * as tf from "@tensorflow/tfjs-core";
import type { TensorflowBackend } from "../tensorflow_backend.ts";

/**
 * Registers the kernel `L2Loss`: half the sum of squares, in one pass over the
 * tensor and without the squares in memory.
 *
 * Input `x` of any shape; one output, a scalar. It has no gradient.
 */
export function registerL2Loss(): void {
  tf.registerKernel({
    kernelName: "L2Loss",
    backendName: "tensorflow",
    kernelFunc: ({ inputs, backend }) =>
      (backend as TensorflowBackend).executeSingleOutput("L2Loss", [], [
        inputs.x as tf.TensorInfo,
      ]),
  });
}
