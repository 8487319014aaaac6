import * as tf from "@tensorflow/tfjs-core";

/** Inputs of one shader: all devices allow 8 buffers, and one is the output. */
const AT_ONCE = 7;

/**
 * Replaces the WebGPU kernel of `tf.addN`, which gives one shader all inputs:
 * with more than devices allow it computes nothing, and says so to nobody. This
 * one adds a few at a time.
 */
export function registerWebgpuAddN(): void {
  const { kernelFunc: add } = tf.getKernel(tf.AddN, "webgpu");
  tf.unregisterKernel(tf.AddN, "webgpu");
  tf.registerKernel({
    kernelName: tf.AddN,
    backendName: "webgpu",
    kernelFunc: ({ inputs, backend }) => {
      const sum = (terms: tf.TensorInfo[]) =>
        add({
          inputs: terms as unknown as tf.NamedTensorInfoMap,
          backend,
        }) as tf.TensorInfo;
      const terms = inputs as unknown as tf.TensorInfo[];
      let total = sum(terms.slice(0, AT_ONCE));
      for (let i = AT_ONCE; i < terms.length; i += AT_ONCE - 1) {
        const partial = total;
        total = sum([partial, ...terms.slice(i, i + AT_ONCE - 1)]);
        (backend as tf.KernelBackend).disposeData(partial.dataId);
      }
      return total;
    },
  });
}
