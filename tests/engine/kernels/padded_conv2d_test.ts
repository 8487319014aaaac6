import * as tf from "@tensorflow/tfjs-core";
import { openEngine } from "ldlab/engine/mod.ts";
import type { PaddedConv2DAttributes } from "ldlab/engine/kernels/padded_conv2d.ts";
import { assertClose } from "../../golden.ts";
import { tensorOf } from "../deterministic_values.ts";

await openEngine({ backend: "tensorflow" });

type Shape = [number, number, number, number];

/** A convolution and its gradients written out from the definition, in float64. */
function definition(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  dy: (shape: Shape) => tf.Tensor4D,
  { strides, pads }: PaddedConv2DAttributes,
) {
  const [batch, height, width, channels] = x.shape;
  const [fh, fw, perGroup, filters] = filter.shape;
  const out = (size: number, f: number, axis: 0 | 1) =>
    Math.floor(
      (size + pads[2 * axis] + pads[2 * axis + 1] - f) / strides[axis],
    ) + 1;
  const shape: Shape = [batch, out(height, fh, 0), out(width, fw, 1), filters];
  const gradient = dy(shape);
  const [xs, ws, ds] = [x.dataSync(), filter.dataSync(), gradient.dataSync()];
  const y = new Float64Array(ds.length);
  const dx = new Float64Array(xs.length);
  const dw = new Float64Array(ws.length);
  const groups = channels / perGroup;
  for (let b = 0, o = 0; b < batch; b++) {
    for (let i = 0; i < shape[1]; i++) {
      for (let j = 0; j < shape[2]; j++) {
        for (let f = 0; f < filters; f++, o++) {
          const first = Math.floor(f / (filters / groups)) * perGroup;
          for (let k = 0; k < fh; k++) {
            for (let l = 0; l < fw; l++) {
              const row = i * strides[0] - pads[0] + k;
              const column = j * strides[1] - pads[2] + l;
              if (row < 0 || row >= height || column < 0 || column >= width) {
                continue;
              }
              for (let c = 0; c < perGroup; c++) {
                const at = ((b * height + row) * width + column) * channels +
                  first + c;
                const tap = ((k * fw + l) * perGroup + c) * filters + f;
                y[o] += xs[at] * ws[tap];
                dx[at] += ds[o] * ws[tap];
                dw[tap] += ds[o] * xs[at];
              }
            }
          }
        }
      }
    }
  }
  return { shape, gradient, y, dx, dw };
}

const cases: Record<
  string,
  { x: Shape; filter: Shape } & PaddedConv2DAttributes
> = {
  "3x3, stride 1, SAME": {
    x: [2, 5, 6, 3],
    filter: [3, 3, 3, 4],
    strides: [1, 1],
    pads: [1, 1, 1, 1],
  },
  "3x3, stride 2, padded by 1 on both sides": {
    x: [2, 6, 8, 3],
    filter: [3, 3, 3, 4],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  },
  "7x7, stride 2, padded by 3": {
    x: [1, 12, 10, 3],
    filter: [7, 7, 3, 2],
    strides: [2, 2],
    pads: [3, 3, 3, 3],
  },
  "1x1, stride 2, not padded": {
    x: [2, 5, 4, 3],
    filter: [1, 1, 3, 5],
    strides: [2, 2],
    pads: [0, 0, 0, 0],
  },
  "uneven pads and strides": {
    x: [1, 6, 7, 2],
    filter: [3, 2, 2, 3],
    strides: [2, 1],
    pads: [0, 2, 1, 0],
  },
  "grouped, 2 groups": {
    x: [2, 5, 5, 4],
    filter: [3, 3, 2, 6],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  },
};

for (
  const [name, { x: xShape, filter: filterShape, ...attrs }] of Object.entries(
    cases,
  )
) {
  Deno.test(`PaddedConv2D and its gradients equal the definition: ${name}`, () => {
    tf.tidy(() => {
      const x = tensorOf(xShape, 1) as tf.Tensor4D;
      const filter = tensorOf(filterShape, 2) as tf.Tensor4D;
      const expected = definition(
        x,
        filter,
        (shape) => tensorOf(shape, 3) as tf.Tensor4D,
        attrs,
      );
      const convolve = (x: tf.Tensor, filter: tf.Tensor) =>
        tf.engine().runKernel(
          "PaddedConv2D",
          { x, filter },
          attrs as unknown as tf.NamedAttrMap,
        ) as tf.Tensor;
      const y = convolve(x, filter);
      if (String(y.shape) !== String(expected.shape)) {
        throw new Error(`shape ${y.shape}, expected ${expected.shape}`);
      }
      assertClose(y.dataSync(), expected.y, { ofLargest: 1e-6 }, "y");
      const [dx, dw] = tf.grads(convolve)([x, filter], expected.gradient);
      assertClose(dx.dataSync(), expected.dx, { ofLargest: 1e-6 }, "dx");
      assertClose(dw.dataSync(), expected.dw, { ofLargest: 1e-6 }, "dw");
    });
  });
}
