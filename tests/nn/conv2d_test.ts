import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { conv2d, countMultiplyAdds } from "ldlab/nn/conv2d.ts";
import { constant } from "ldlab/nn/initializers.ts";
import { openScope } from "ldlab/nn/scope.ts";
import { runScript } from "../engine/run_script.ts";
import { everywhere, type HostValues } from "../everywhere.ts";
import { centralDifferences, wave } from "../float64.ts";
import { assertClose } from "../golden.ts";
import { givenScope } from "./given_scope.ts";
import { convolve, type Map4D } from "./reference_layers.ts";

/** A map [B, H, W, C] that looks random. */
function map(shape: Map4D["shape"], phase: number) {
  return { shape, data: wave(shape.reduce((a, b) => a * b), 1, phase) };
}

for (
  const [kernel, stride, height, width, inChannels, outChannels, groups] of [
    [1, 1, 4, 5, 2, 3, 1],
    [1, 2, 5, 4, 2, 3, 1],
    [3, 1, 4, 5, 2, 3, 1],
    [3, 2, 4, 6, 2, 3, 1],
    [3, 2, 5, 7, 2, 3, 1],
    [7, 2, 8, 9, 2, 3, 1],
    [1, 2, 4, 5, 4, 6, 2],
    [3, 1, 4, 5, 6, 3, 3],
    [3, 2, 5, 6, 4, 4, 4],
  ]
) {
  Deno.test(`conv2d() equals a plain loop for a ${kernel} x ${kernel} filter of stride ${stride}, groups ${groups}, on ${height} x ${width}, gradients included`, async () => {
    const padding = (kernel - 1) / 2;
    const x = map([2, height, width, inChannels], 0);
    const weight = map([kernel, kernel, inChannels / groups, outChannels], 1);
    const bias = { shape: [outChannels], data: wave(outChannels, 1, 2) };
    const expected = convolve(x, weight, stride, padding)
      .map((value, i) => value + bias.data[i % outChannels]);
    // A weighted sum, so that every output has a gradient of its own.
    const factors = wave(expected.length, 1, 3);
    const weighted = (y: number[]) =>
      y.reduce((sum, value, i) => sum + value * factors[i], 0);
    const f = (given: Record<string, tf.Tensor>) => {
      const layer = conv2d(givenScope(given), {
        inChannels,
        outChannels,
        kernel,
        stride,
        groups,
        weight: constant(0),
        bias: constant(0),
      });
      const y = layer(given.x as tf.Tensor4D);
      return tf.mul(y, tf.reshape(given.factors, y.shape));
    };
    const inputs: Record<string, HostValues> = {
      x,
      weight,
      bias,
      factors: { shape: [factors.length], data: factors },
    };
    const slopes = {
      x: centralDifferences(
        (data) => weighted(convolve({ ...x, data }, weight, stride, padding)),
        x.data,
      ),
      weight: centralDifferences(
        (data) => weighted(convolve(x, { ...weight, data }, stride, padding)),
        weight.data,
      ),
      bias: Array.from(
        { length: outChannels },
        (_, o) =>
          factors.filter((_, i) => i % outChannels === o).reduce((a, b) =>
            a + b
          ),
      ),
    };
    const wrt = ["x", "weight", "bias"] as const;
    for (const [place, found] of await everywhere(f, inputs, [...wrt])) {
      const products = expected.map((value, i) => value * factors[i]);
      assertClose(found.value, products, { ofLargest: 1e-5 }, place);
      for (const name of wrt) {
        assertClose(
          found.gradients[name],
          slopes[name],
          { ofLargest: 1e-5 },
          `gradient of ${name} on ${place}`,
        );
      }
    }
  });
}

Deno.test("convolve() equals a plain loop for groups on WebGPU, gradients included", async () => {
  const x = map([2, 5, 6, 4], 0);
  const filter = map([3, 3, 2, 6], 1);
  const expected = convolve(x, filter, 2, 1);
  const factors = { shape: [2, 3, 3, 6], data: wave(expected.length, 1, 3) };
  const { code, stdout, stderr } = await runScript(`
    import * as tf from "@tensorflow/tfjs-core";
    import { openEngine } from "ldlab/engine/mod.ts";
    import { convolve } from "ldlab/nn/conv2d.ts";
    await openEngine({ backend: "webgpu" });
    const [x, filter, factors] = ${JSON.stringify([x, filter, factors])}
      .map(({ data, shape }) => tf.tensor(Object.values(data), shape));
    const { value, grads } = tf.valueAndGrads((x, filter) =>
      tf.mul(convolve(x, filter, 2, 1), factors))([x, filter]);
    const found = [];
    for (const one of [value, ...grads]) found.push([...await one.data()]);
    console.log(JSON.stringify(found));
    Deno.exit(0);
  `);
  assert.equal(code, 0, stderr);
  const [value, dx, dw] = JSON.parse(stdout.trim().split("\n").at(-1)!);
  const weighted = (y: number[]) =>
    y.reduce((sum, value, i) => sum + value * factors.data[i], 0);
  const products = expected.map((value, i) => value * factors.data[i]);
  assertClose(value, products, { ofLargest: 1e-5 }, "value");
  const slopes = [
    centralDifferences(
      (data) => weighted(convolve({ ...x, data }, filter, 2, 1)),
      x.data,
    ),
    centralDifferences(
      (data) => weighted(convolve(x, { ...filter, data }, 2, 1)),
      filter.data,
    ),
  ];
  assertClose(dx, slopes[0], { ofLargest: 1e-5 }, "gradient of x");
  assertClose(dw, slopes[1], { ofLargest: 1e-5 }, "gradient of the filter");
});

Deno.test("conv2d() refuses groups that do not divide its channels", () => {
  const { scope } = openScope({ seed: 1 });
  const refused = (inChannels: number, outChannels: number, groups: number) =>
    assert.throws(
      () =>
        conv2d(scope, {
          inChannels,
          outChannels,
          kernel: 3,
          groups,
          weight: constant(1),
        }),
      {
        name: "RangeError",
        message: "Cannot make a convolution: groups must divide the " +
          `${inChannels} input and ${outChannels} output channels: ` +
          `current value is ${groups}`,
      },
    );
  refused(6, 4, 4);
  refused(4, 6, 4);
  refused(4, 4, 0);
  refused(4, 4, 0.5);
});

Deno.test("countMultiplyAdds() counts a group's own channels only", () => {
  const { scope, variables } = openScope({ seed: 1 });
  const layer = conv2d(scope, {
    inChannels: 8,
    outChannels: 4,
    kernel: 3,
    groups: 4,
    weight: constant(1),
  });
  const count = countMultiplyAdds(() =>
    tf.tidy(() => layer(tf.ones([1, 5, 6, 8])))
  );
  assert.equal(count, 5 * 6 * 4 * 3 * 3 * 2);
  tf.dispose([...variables.parameters.values()]);
});

Deno.test("conv2d() makes no bias where none is asked for", () => {
  const { scope, variables } = openScope({ seed: 1 });
  const options = {
    inChannels: 2,
    outChannels: 3,
    kernel: 1,
    weight: constant(1),
  };
  conv2d(scope.child("a"), options);
  conv2d(scope.child("b"), { ...options, bias: constant(0) });
  assert.deepEqual([...variables.parameters.keys()], [
    "a.weight",
    "b.weight",
    "b.bias",
  ]);
  tf.dispose([...variables.parameters.values()]);
});

Deno.test("countMultiplyAdds() counts nested runs by themselves", () => {
  const { scope, variables } = openScope({ seed: 1 });
  const layer = conv2d(scope, {
    inChannels: 1,
    outChannels: 1,
    kernel: 1,
    weight: constant(1),
  });
  tf.tidy(() => {
    const x = tf.ones<tf.Rank.R4>([1, 2, 3, 1]);
    let inner = 0;
    const outer = countMultiplyAdds(() => {
      layer(x);
      inner = countMultiplyAdds(() => layer(x));
    });
    assert.deepEqual([outer, inner], [6, 6]);
  });
  tf.dispose([...variables.parameters.values()]);
});
