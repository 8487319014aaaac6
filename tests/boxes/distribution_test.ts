import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import assert from "node:assert/strict";
import { generalizedSoftmax, integral } from "ldlab/boxes/distribution.ts";
import { everywhere } from "../everywhere.ts";
import { centralDifferences, logSoftmax, rows, sum, wave } from "../float64.ts";
import { assertClose, goldenCases } from "../golden.ts";

Deno.test("integral() equals MMDetection's Integral, gradients included", async () => {
  const cases = await goldenCases(
    "geometry",
    (c) => c.name.startsWith("integral"),
  );
  for (const { name, inputs, params, outputs, gradients } of cases) {
    const n = params.reg_max + 1;
    const f = ({ x }: Record<string, tf.Tensor>) =>
      integral(tf.reshape(x, [-1, 4, n]));
    for (const [place, found] of await everywhere(f, inputs, ["x"])) {
      const what = `${name} on ${place}`;
      assertClose(found.value, outputs.out.data, { ofLargest: 1e-5 }, what);
      // A gradient is p (i - mean), the mean a rounding of regMax at most off.
      assertClose(
        found.gradients.x,
        gradients.x.data,
        { ofLargest: 1e-5, absolute: params.reg_max * 1.2e-7 },
        what,
      );
    }
  }
});

Deno.test("integral() of logits of ±1e4 is one bin's distance, with no gradient", async () => {
  const z = { shape: [2, 3], data: [-1e4, -1e4, 1e4, 1e4, -1e4, 0] };
  const f = ({ z }: Record<string, tf.Tensor>) => integral(z);
  for (const [place, found] of await everywhere(f, { z }, ["z"])) {
    assert.deepEqual([...found.value], [2, 0], place);
    assert.ok(found.gradients.z.every((g) => g === 0), place);
  }
});

Deno.test("integral() on a support follows its definition and its finite differences", async () => {
  // Rotated LD's range of the angle.
  const support = { from: -5, to: 2 };
  const z = { shape: [2, 9], data: wave(18, 3) };
  const means = (z: ArrayLike<number>) =>
    rows(z, 9).map((row) =>
      sum(logSoftmax(row).map((logP, i) => Math.exp(logP) * (-5 + i * 0.875)))
    );
  const slopes = centralDifferences((z) => sum(means(z)), z.data);
  const f = ({ z }: Record<string, tf.Tensor>) => integral(z, support);
  for (const [place, found] of await everywhere(f, { z }, ["z"])) {
    assertClose(found.value, means(z.data), { absolute: 1e-6 }, place);
    assertClose(found.gradients.z, slopes, { absolute: 1e-6 }, place);
  }
});

Deno.test("integral() of a one-hot distribution is its bin", () => {
  const given = fc.integer({ min: 1, max: 40 }).chain((bins) =>
    fc.tuple(fc.constant(bins), fc.nat(bins - 1))
  );
  fc.assert(
    fc.property(given, ([bins, bin]) => {
      const logits = tf.tensor1d(
        Array.from({ length: bins }, (_, i) => i === bin ? 0 : -200),
      );
      const [distance] = integral(logits).dataSync();
      assert.equal(distance, bin);
    }),
    { seed: 1 },
  );
});

Deno.test("generalizedSoftmax() tends to a one-hot distribution as τ → 0, whatever the logits", () => {
  const given = fc.uniqueArray(fc.integer({ min: -80, max: 80 }), {
    minLength: 2,
    maxLength: 17,
  });
  fc.assert(
    fc.property(given, (logits) => {
      const p = generalizedSoftmax(tf.tensor1d(logits), { temperature: 0.01 });
      const largest = Math.max(...logits);
      assert.deepEqual(
        [...p.dataSync()],
        logits.map((z) => z === largest ? 1 : 0),
      );
    }),
    { seed: 1 },
  );
});

Deno.test("integral() refuses a support that is no range", () => {
  const z = tf.zeros([2, 9]);
  for (const [from, to] of [[2, -2], [1, 1], [NaN, 3], [0, Infinity]]) {
    assert.throws(() => integral(z, { from, to }), {
      name: "RangeError",
      message: "Cannot compute the integral: the support must go from a " +
        `finite number to a larger one: current values are ${from} and ${to}`,
    });
  }
});

for (const temperature of [0.5, 1, 10]) {
  Deno.test(`generalizedSoftmax() at τ = ${temperature} follows its definition`, async () => {
    const z = { shape: [6], data: wave(6, 3) };
    const p = (z: ArrayLike<number>) =>
      logSoftmax(Array.from(z, (x) => x / temperature)).map(Math.exp);
    // The sum of all probabilities has no gradient: weigh them by their squares.
    const slopes = centralDifferences(
      (z) => sum(p(z).map((x) => x * x)),
      z.data,
    );
    const f = ({ z, t }: Record<string, tf.Tensor>) =>
      generalizedSoftmax(z, { temperature: t });
    const t = { shape: [], data: [temperature] };
    for (const [place, { value }] of await everywhere(f, { z, t })) {
      assertClose(value, p(z.data), { absolute: 1e-6 }, place);
    }
    const squares = ({ z }: Record<string, tf.Tensor>) =>
      tf.square(generalizedSoftmax(z, { temperature }));
    for (const [place, found] of await everywhere(squares, { z }, ["z"])) {
      assertClose(found.gradients.z, slopes, { absolute: 1e-6 }, place);
    }
  });
}

Deno.test("generalizedSoftmax() tends to one bin as τ → 0 and to uniform as τ → ∞", async () => {
  const z = { shape: [4], data: [1, 2, 4, 3] };
  for (
    const [temperature, expected] of [
      [1e-3, [0, 0, 1, 0]],
      [1e6, [0.25, 0.25, 0.25, 0.25]],
    ] as const
  ) {
    const f = ({ z }: Record<string, tf.Tensor>) =>
      generalizedSoftmax(z, { temperature });
    for (const [place, { value }] of await everywhere(f, { z })) {
      assertClose(value, expected, { absolute: 1e-6 }, place);
    }
  }
});

Deno.test("generalizedSoftmax() and integral() refuse what has no bins", () => {
  assert.throws(() => integral(tf.scalar(1)), {
    name: "TypeError",
    message:
      "Cannot compute the integral: logits must be [..., n]: current shape is []",
  });
  assert.throws(() => generalizedSoftmax(tf.scalar(1)), TypeError);
});

Deno.test("generalizedSoftmax() refuses a temperature that is not above 0", () => {
  for (const temperature of [0, -1, NaN, Infinity]) {
    assert.throws(
      () => generalizedSoftmax(tf.zeros([3]), { temperature }),
      {
        name: "RangeError",
        message:
          "Cannot compute the generalized softmax: temperature must be a " +
          `finite number above 0: current value is ${temperature}`,
      },
    );
  }
  const temperature = tf.ones([1]);
  assert.throws(() => generalizedSoftmax(tf.zeros([3]), { temperature }), {
    name: "TypeError",
    message: "Cannot compute the generalized softmax: a temperature tensor " +
      "must be a scalar: current shape is [1]",
  });
});
