import * as tf from "@tensorflow/tfjs-core";
import type { OpAttribute } from "../op_attributes.ts";
import {
  activeBackend,
  type TensorflowBackend,
} from "../tensorflow_backend.ts";
import { usedPixels } from "./conv2d_backprop_filter.ts";
import { paddingAttributes, type Pads } from "./window_padding.ts";

// B images, H x W pixels, I channels in, O channels out, K x L filter, G groups.

/** Attributes of the kernel `PaddedConv2D`. */
export interface PaddedConv2DAttributes {
  /** Vertical and horizontal step. */
  readonly strides: readonly [number, number];
  /** Pixels added at the top, bottom, left and right. */
  readonly pads: Pads;
}

/**
 * Registers the kernel `PaddedConv2D` and its gradient: a convolution with any
 * padding, which tfjs's own gradients refuse. PyTorch pads a layer of stride 2 by
 * 1 on both sides; TensorFlow's SAME does not.
 *
 * Inputs `x` [B, H, W, I] and `filter` [K, L, I / G, O]; attributes
 * {@link PaddedConv2DAttributes}; one output. G follows from the shapes.
 */
export function registerPaddedConv2D(): void {
  tf.registerKernel({
    kernelName: "PaddedConv2D",
    backendName: "tensorflow",
    kernelFunc: ({ inputs, backend, attrs }) => {
      const { x, filter } = inputs as Record<string, tf.TensorInfo>;
      return (backend as TensorflowBackend).executeSingleOutput(
        "Conv2D",
        attributesFor(x.shape, filter.shape, attrs),
        [x, filter],
      );
    },
  });
  tf.registerGradient({
    kernelName: "PaddedConv2D",
    inputsToSave: ["x", "filter"],
    gradFunc: (dy, saved, attrs) => {
      const [x, filter] = saved as [tf.Tensor4D, tf.Tensor4D];
      const gradient = dy as tf.Tensor4D;
      return {
        x: () => inputGradient(x.shape, filter, gradient, attrs),
        filter: () => filterGradient(x, filter.shape, gradient, attrs),
      };
    },
  });
}

type Shape4D = [number, number, number, number];

function attributesFor(
  x: readonly number[],
  filter: readonly number[],
  attrs: unknown,
): OpAttribute[] {
  const { strides, pads } = attrs as PaddedConv2DAttributes;
  return [
    { name: "strides", value: [1, ...strides, 1] },
    ...paddingAttributes({
      image: [x[1], x[2]],
      size: [filter[0], filter[1]],
      strides,
      pads,
    }),
  ];
}

function isExplicit(attributes: readonly OpAttribute[]): boolean {
  return attributes.some(({ value }) => value === "EXPLICIT");
}

function inputGradient(
  xShape: Shape4D,
  filter: tf.Tensor4D,
  dy: tf.Tensor4D,
  attrs: unknown,
): tf.Tensor {
  const groups = xShape[3] / filter.shape[2];
  if (groups > 1) { // TensorFlow has no gradient of grouped convolutions on CPUs
    const filters = tf.split<tf.Tensor4D>(filter, groups, 3);
    const dys = tf.split<tf.Tensor4D>(dy, groups, 3);
    const shape: Shape4D = [...xShape.slice(0, 3), filter.shape[2]] as Shape4D;
    return tf.concat(
      filters.map((part, i) => inputGradient(shape, part, dys[i], attrs)),
      3,
    );
  }
  const attributes = attributesFor(xShape, filter.shape, attrs);
  // TensorFlow's gradient is two to three times as fast of x padded before.
  if (isExplicit(attributes)) {
    const { strides, pads: [top, bottom, left, right] } =
      attrs as PaddedConv2DAttributes;
    const [batch, height, width, channels] = xShape;
    const gradient = inputGradient(
      [batch, top + height + bottom, left + width + right, channels],
      filter,
      dy,
      { strides, pads: [0, 0, 0, 0] },
    );
    return tf.slice(gradient, [0, top, left, 0], xShape);
  }
  return activeBackend().executeSingleOutput(
    "Conv2DBackpropInput",
    attributes,
    [tf.tensor1d(xShape, "int32"), filter, dy],
  );
}

function filterGradient(
  x: tf.Tensor4D,
  filterShape: Shape4D,
  dy: tf.Tensor4D,
  attrs: unknown,
): tf.Tensor {
  const groups = x.shape[3] / filterShape[2];
  if (groups > 1) {
    const xs = tf.split<tf.Tensor4D>(x, groups, 3);
    const dys = tf.split<tf.Tensor4D>(dy, groups, 3);
    const shape = [...filterShape.slice(0, 3), filterShape[3] / groups];
    return tf.concat(
      xs.map((part, i) =>
        filterGradient(part, shape as Shape4D, dys[i], attrs)
      ),
      3,
    );
  }
  const { strides, pads } = attrs as PaddedConv2DAttributes;
  const [top, bottom, left, right] = pads;
  const attributes = attributesFor(x.shape, filterShape, attrs);
  // TensorFlow's gradient is up to 7 times as fast where x is padded before. Where
  // steps lead to one column, oneDNN's in bfloat16 leaves taps that see padding
  // only as the memory was.
  const untouched = dy.shape[2] === 1 && Math.max(...strides) > 1 &&
    Math.max(...pads) > 0;
  if (isExplicit(attributes) || untouched) {
    const border: [number, number][] = [[top, bottom], [left, right]];
    const padded = tf.pad(x, [[0, 0], ...border, [0, 0]]);
    const unpadded = { strides, pads: [0, 0, 0, 0] };
    return filterGradient(padded, filterShape, dy, unpadded);
  }
  if (filterShape[0] * filterShape[1] === 1 && Math.max(...strides) > 1) {
    const unstrided = { strides: [1, 1], pads };
    return filterGradient(usedPixels(x, strides), filterShape, dy, unstrided);
  }
  return activeBackend().executeSingleOutput(
    "Conv2DBackpropFilter",
    attributes,
    [x, tf.tensor1d(filterShape, "int32"), dy],
  );
}
