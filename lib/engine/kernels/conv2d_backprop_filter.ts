import * as tf from "@tensorflow/tfjs-core";

// B images, H x W pixels, I channels in, O channels out, s stride.

/**
 * Wraps tfjs-node's kernel of the filter gradient of `tf.conv2d`, so that it
 * never meets the case in which TensorFlow writes out of bounds.
 *
 * @see {@link usedPixels}
 */
export function registerConv2DBackpropFilter(): void {
  const kernelName = tf.Conv2DBackpropFilter;
  const { kernelFunc: original } = tf.getKernel(kernelName, "tensorflow")!;
  tf.unregisterKernel(kernelName, "tensorflow");
  tf.registerKernel({
    kernelName,
    backendName: "tensorflow",
    kernelFunc: (call) => {
      const attrs = call.attrs as unknown as tf.Conv2DBackpropFilterAttrs;
      const strides = [attrs.strides].flat();
      const [height, width] = attrs.filterShape;
      if (
        height * width > 1 || strides.every((stride) => stride === 1) ||
        attrs.dataFormat === "NCHW"
      ) return original(call);
      const used = usedPixels(
        call.inputs.x as tf.Tensor4D,
        [strides[0], strides.at(-1)!],
      );
      const result = original({
        ...call,
        inputs: { ...call.inputs, x: used },
        attrs: { ...call.attrs, strides: [1, 1] },
      });
      used.dispose();
      return result;
    },
  });
}

/**
 * The pixels that an unpadded 1x1 convolution with a stride reads: every s-th.
 *
 * Take the filter gradient of such a convolution from these, with stride 1. It
 * is the same, and TensorFlow's own is not to be had: on CPUs, through oneDNN,
 * `Conv2DBackpropFilter` of a 1x1 filter with a stride writes beyond its buffers
 * where the images are fewer than the threads or no multiple of them
 * (TensorFlow 2.21 with 3 threads and 8 images of 24 x 32 x 8 dies in `free`).
 * Other filters and the other two convolutions of a 1x1 filter do not.
 *
 * @param x [B, H, W, I].
 * @param strides Vertical and horizontal.
 * @returns [B, ⌈H / s⌉, ⌈W / s⌉, I].
 */
export function usedPixels(
  x: tf.Tensor4D,
  [vertical, horizontal]: readonly [number, number],
): tf.Tensor4D {
  const steps = [1, vertical, horizontal, 1];
  return tf.stridedSlice(x, [0, 0, 0, 0], x.shape, steps) as tf.Tensor4D;
}
