import * as tf from "@tensorflow/tfjs-core";
import type { TensorflowBackend } from "../tensorflow_backend.ts";

/**
 * Registers the kernel `ReluGrad`: the gradient of a rectifier in one op.
 *
 * Inputs `dy` and `y`, the rectifier's output, of one shape; one output, `dy`
 * where `y` is above 0 and else 0.
 */
export function registerReluGrad(): void {
  tf.registerKernel({
    kernelName: "ReluGrad",
    backendName: "tensorflow",
    kernelFunc: ({ inputs, backend }) => {
      const { dy, y } = inputs as Record<string, tf.TensorInfo>;
      return (backend as TensorflowBackend).executeSingleOutput(
        "ReluGrad",
        [],
        [dy, y],
      );
    },
  });
}
