import * as tf from "@tensorflow/tfjs-core";
import type { OpAttribute } from "../op_attributes.ts";
import {
  activeBackend,
  type TensorflowBackend,
} from "../tensorflow_backend.ts";
import { paddingAttributes, type Pads } from "./window_padding.ts";

/** Attributes of the kernel `PaddedMaxPool`. */
export interface PaddedMaxPoolAttributes {
  /** Height and width of the window. */
  readonly filterSize: readonly [number, number];
  /** Vertical and horizontal step. */
  readonly strides: readonly [number, number];
  /** Pixels of value −∞ added at the top, bottom, left and right. */
  readonly pads: Pads;
}

/**
 * Registers the kernel `PaddedMaxPool` and its gradient: maxima over windows with
 * any padding. Of equal maxima the first gets the gradient, as in PyTorch.
 *
 * Input `x` [B, H, W, C]; attributes {@link PaddedMaxPoolAttributes}; one output.
 */
export function registerPaddedMaxPool(): void {
  tf.registerKernel({
    kernelName: "PaddedMaxPool",
    backendName: "tensorflow",
    kernelFunc: ({ inputs, backend, attrs }) => {
      const { x } = inputs as Record<string, tf.TensorInfo>;
      return (backend as TensorflowBackend).executeSingleOutput(
        "MaxPool",
        attributesFor(x.shape, attrs),
        [x],
      );
    },
  });
  tf.registerGradient({
    kernelName: "PaddedMaxPool",
    inputsToSave: ["x"],
    outputsToSave: [true],
    gradFunc: (dy, [x, y], attrs) => ({
      x: () =>
        activeBackend().executeSingleOutput(
          "MaxPoolGrad",
          attributesFor(x.shape, attrs),
          [x, y, dy as tf.Tensor],
        ),
    }),
  });
}

function attributesFor(x: readonly number[], attrs: unknown): OpAttribute[] {
  const { filterSize, strides, pads } = attrs as PaddedMaxPoolAttributes;
  return [
    { name: "ksize", value: [1, ...filterSize, 1] },
    { name: "strides", value: [1, ...strides, 1] },
    ...paddingAttributes({
      image: [x[1], x[2]],
      size: filterSize,
      strides,
      dilations: [1, 1],
      pads,
    }),
  ];
}
