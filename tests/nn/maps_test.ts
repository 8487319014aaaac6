import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { avgPool } from "ldlab/nn/avg_pool.ts";
import { halve } from "ldlab/nn/halve.ts";
import { maxPool } from "ldlab/nn/max_pool.ts";
import { relu } from "ldlab/nn/relu.ts";
import { double } from "ldlab/nn/resize.ts";
import { everywhere } from "../everywhere.ts";
import { centralDifferences, wave } from "../float64.ts";
import { assertClose } from "../golden.ts";
import { type Map4D, pool, windows } from "./reference_layers.ts";

type Tensors = Record<string, tf.Tensor>;

/** Compares a map's function and its gradient with a host function. */
async function compare(
  f: (x: tf.Tensor4D) => tf.Tensor,
  host: (x: Map4D) => number[],
  shape: Map4D["shape"],
) {
  const x = { shape, data: wave(shape.reduce((a, b) => a * b), 1) };
  const expected = host(x);
  const factors = wave(expected.length, 1, 3);
  const products = (data: ArrayLike<number>) =>
    host({ shape, data }).map((value, i) => value * factors[i]);
  const slopes = centralDifferences(
    (data) => products(data).reduce((a, b) => a + b),
    x.data,
    1e-7,
  );
  const step = (given: Tensors) => {
    const y = f(given.x as tf.Tensor4D);
    return tf.mul(y, tf.reshape(given.factors, y.shape));
  };
  const inputs = { x, factors: { shape: [factors.length], data: factors } };
  for (const [place, found] of await everywhere(step, inputs, ["x"])) {
    assertClose(found.value, products(x.data), { ofLargest: 1e-6 }, place);
    assertClose(found.gradients.x, slopes, { ofLargest: 1e-5 }, place);
  }
}

for (const [height, width] of [[4, 6], [5, 7], [1, 2]]) {
  Deno.test(`maxPool() equals a plain loop on ${height} x ${width}, gradients included`, () =>
    compare(
      (x) => maxPool(x, { kernel: 3, stride: 2, padding: 1 }),
      (x) => pool(x, 3, 2, 1),
      [2, height, width, 3],
    ));
}

const sum = (cells: number[]) => cells.reduce((a, b) => a + b);

for (const [height, width] of [[4, 6], [5, 7], [1, 2]]) {
  Deno.test(`avgPool() equals a plain loop on ${height} x ${width}, gradients included`, () =>
    compare(
      (x) => avgPool(x, { kernel: 3, stride: 2, padding: 1 }),
      (x) => windows(x, 3, 2, 1, (cells) => sum(cells) / 9),
      [2, height, width, 3],
    ));
}

for (const [height, width] of [[4, 6], [5, 6], [4, 7], [5, 7], [1, 1]]) {
  Deno.test(`halve() equals a plain loop on ${height} x ${width}, gradients included`, () =>
    compare(
      halve,
      (x) => windows(x, 2, 2, 0, (c) => sum(c) / c.length, Math.ceil),
      [2, height, width, 3],
    ));
}

// Where values tie PyTorch takes the first of the window (max_pool2d's CPU kernel
// replaces the largest so far by a greater one only). 4 x 4 pixels, 2 x 2 windows
// of 3 x 3 that start at rows and columns -1 and 1; dy = [1, 2, 3, 4].
const ties: Record<string, { x: number[]; dx: number[] }> = {
  "all are equal": {
    x: new Array(16).fill(5),
    // Firsts in the image: (0, 0), (0, 1), (1, 0), (1, 1).
    dx: [1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  },
  "a ReLU made zeros": {
    x: [0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 7],
    // 7 is at (1, 3) and (3, 3): both windows on the right hold the former.
    dx: [1, 0, 0, 0, 3, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0],
  },
};

for (const [what, { x, dx }] of Object.entries(ties)) {
  Deno.test(`maxPool() sends the gradient of a tie to the first, as PyTorch: ${what}`, async () => {
    const inputs = {
      x: { shape: [1, 4, 4, 1], data: x },
      dy: { shape: [1, 2, 2, 1], data: [1, 2, 3, 4] },
    };
    const step = ({ x, dy }: Tensors) => {
      const size = { kernel: 3, stride: 2, padding: 1 };
      return tf.mul(maxPool(x as tf.Tensor4D, size), dy);
    };
    for (const [place, found] of await everywhere(step, inputs, ["x"])) {
      assertClose(found.gradients.x, dx, {}, place);
    }
  });
}

// PyTorch's rule for F.interpolate(mode="nearest"): the source of cell i of n is
// floor(i * m / n).
function nearest({ shape, data }: Map4D, height: number, width: number) {
  const [batch, h, w, channels] = shape;
  const y: number[] = [];
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < height; i++) {
      for (let j = 0; j < width; j++) {
        const row = Math.floor(i * h / height);
        const column = Math.floor(j * w / width);
        for (let c = 0; c < channels; c++) {
          y.push(data[((b * h + row) * w + column) * channels + c]);
        }
      }
    }
  }
  return y;
}

for (const [height, width] of [[6, 10], [5, 10], [6, 9], [5, 9]]) {
  Deno.test(`double() from 3 x 5 to ${height} x ${width} equals PyTorch's nearest rule, gradients included`, () =>
    compare(
      (x) => double(x, [height, width]),
      (x) => nearest(x, height, width),
      [2, 3, 5, 2],
    ));
}

Deno.test("double() picks PyTorch's cells at every pyramid size up to 200", () => {
  for (let size = 1; size <= 200; size++) {
    const half = Math.ceil(size / 2);
    for (let i = 0; i < size; i++) {
      assert.equal(Math.floor(i / 2), Math.floor(i * half / size));
    }
  }
});

Deno.test("double() refuses other sizes", () => {
  const x = tf.zeros<tf.Rank.R4>([1, 3, 5, 1]);
  assert.throws(() => double(x, [7, 10]), {
    name: "RangeError",
    message: "Cannot double a map of 3 x 5: the size must be twice as large, " +
      "or that less one: current value is 7 x 10",
  });
  x.dispose();
});

Deno.test("relu() equals its definition, gradients included, and has slope 0 at 0", async () => {
  const x = { shape: [4], data: [-2, -0, 0, 3] };
  const f = ({ x }: Tensors) => relu(x);
  for (const [place, found] of await everywhere(f, { x }, ["x"])) {
    assertClose(found.value, [0, 0, 0, 3], {}, place);
    assertClose(found.gradients.x, [0, 0, 0, 1], {}, place);
  }
});
