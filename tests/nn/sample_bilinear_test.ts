import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { sampleBilinear } from "ldlab/nn/sample_bilinear.ts";
import { everywhere } from "../everywhere.ts";
import { centralDifferences, sum, wave } from "../float64.ts";
import { assertClose } from "../golden.ts";

// B images, H x W cells, C channels in G groups, P points.
const [B, H, W, C, G, P] = [2, 3, 4, 6, 2, 11];

/** The equation itself, over all cells. */
function reference(
  { x, rows, columns, weights }: Record<string, ArrayLike<number>>,
): number[] {
  const share = (at: number, cell: number) =>
    Math.max(0, 1 - Math.abs(at - cell));
  return Array.from({ length: B * P * C }, (_, n) => {
    const [b, p, c] = [Math.floor(n / (P * C)), Math.floor(n / C) % P, n % C];
    const at = (b * P + p) * G + Math.floor(c / (C / G));
    let value = 0;
    for (let i = 0; i < H; i++) {
      for (let j = 0; j < W; j++) {
        value += share(rows[at], i) * share(columns[at], j) *
          x[((b * H + i) * W + j) * C + c];
      }
    }
    return value * weights[at];
  });
}

const numbers: Record<string, Float32Array> = {
  x: wave(B * H * W * C, 1),
  // Inside and outside, none on a cell, where there is no one derivative.
  rows: wave(B * P * G, 3, 1).map((v) => v + 1),
  columns: wave(B * P * G, 4, 2).map((v) => v + 1.5),
  weights: wave(B * P * G, 1, 3),
};
const points = [B, P, G];
const inputs = {
  x: { shape: [B, H, W, C], data: numbers.x },
  rows: { shape: points, data: numbers.rows },
  columns: { shape: points, data: numbers.columns },
  weights: { shape: points, data: numbers.weights },
};

Deno.test("sampleBilinear() equals its equation, gradients included", async () => {
  const factors = wave(B * P * C, 1, 4);
  const products = (given: Record<string, ArrayLike<number>>) =>
    reference(given).map((v, i) => v * factors[i]);
  const f = (
    { x, rows, columns, weights, factors }: Record<string, tf.Tensor>,
  ) =>
    tf.mul(
      sampleBilinear(
        x as tf.Tensor4D,
        rows as tf.Tensor3D,
        columns as tf.Tensor3D,
        weights as tf.Tensor3D,
      ),
      factors,
    );
  const given = { ...inputs, factors: { shape: [B, P, C], data: factors } };
  const wrt = Object.keys(inputs);
  for (const [place, found] of await everywhere(f, given, wrt)) {
    assertClose(found.value, products(numbers), { ofLargest: 1e-5 }, place);
    for (const name of wrt) {
      const slopes = centralDifferences(
        (data) => sum(products({ ...numbers, [name]: data })),
        numbers[name],
      );
      assertClose(
        found.gradients[name],
        slopes,
        { ofLargest: 1e-5 },
        `gradient of ${name} on ${place}`,
      );
    }
  }
});

Deno.test("sampleBilinear() without weights takes them as 1", async () => {
  const { weights: _, ...others } = inputs;
  const expected = reference({
    ...numbers,
    weights: new Float32Array(B * P * G).fill(1),
  });
  const f = ({ x, rows, columns }: Record<string, tf.Tensor>) =>
    sampleBilinear(
      x as tf.Tensor4D,
      rows as tf.Tensor3D,
      columns as tf.Tensor3D,
    );
  for (const [place, { value }] of await everywhere(f, others)) {
    assertClose(value, expected, { ofLargest: 1e-5 }, place);
  }
});

Deno.test("sampleBilinear() refuses shapes that don't fit", () => {
  const refused = (shapes: number[][], message: RegExp) =>
    tf.tidy(() => {
      const [rows, columns, weights] = shapes.map((shape) =>
        tf.zeros(shape as [number, number, number])
      ) as tf.Tensor3D[];
      assert.throws(
        () => sampleBilinear(tf.zeros([B, H, W, C]), rows, columns, weights),
        { name: "TypeError", message },
      );
    });
  refused(
    [[B, P, 4], [B, P, 4]],
    /^Cannot sample a map: rows must be \[2, points, a number that divides 6\]: current shape is \[2, 11, 4\]$/,
  );
  refused([[1, P, G], [1, P, G]], /rows must be/);
  refused([[B, P, G], [B, P, 1]], /columns must be \[..., 2\] like rows/);
  refused(
    [points, points, [B, 1, G]],
    /weights must be \[2, 11, 2\] like rows/,
  );
});
