import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { batchNorm } from "ldlab/nn/batch_norm.ts";
import { groupNorm } from "ldlab/nn/group_norm.ts";
import { openScope } from "ldlab/nn/scope.ts";
import { everywhere } from "../everywhere.ts";
import { centralDifferences, wave } from "../float64.ts";
import { assertClose } from "../golden.ts";
import { givenScope } from "./given_scope.ts";
import { type Map4D, normalize } from "./reference_layers.ts";

type Tensors = Record<string, tf.Tensor>;

const [BATCH, CHANNELS] = [2, 6];
const shape: Map4D["shape"] = [BATCH, 3, 4, CHANNELS];
// Far from 0, so that a variance of squares less a squared mean would be off.
const x = { shape, data: wave(144, 1).map((value) => value + 30) };
const weight = { shape: [CHANNELS], data: wave(CHANNELS, 1, 1) };
const bias = { shape: [CHANNELS], data: wave(CHANNELS, 1, 2) };
const factors = wave(144, 1, 3);

/** The output times factors, and the slopes of its sum, by differences. */
function expectation(groupOf: (b: number, c: number) => string) {
  const products = (
    data: ArrayLike<number>,
    scale: ArrayLike<number>,
    offset: ArrayLike<number>,
  ) =>
    normalize({ shape, data }, groupOf, scale, offset)
      .map((value, i) => value * factors[i]);
  const sum = (values: number[]) => values.reduce((a, b) => a + b);
  return {
    value: products(x.data, weight.data, bias.data),
    slopes: {
      x: centralDifferences(
        (data) => sum(products(data, weight.data, bias.data)),
        x.data,
      ),
      weight: centralDifferences(
        (data) => sum(products(x.data, data, bias.data)),
        weight.data,
      ),
      bias: centralDifferences(
        (data) => sum(products(x.data, weight.data, data)),
        bias.data,
      ),
    },
  };
}

const wrt = ["x", "weight", "bias"] as const;
const given = { x, weight, bias, factors: { shape, data: factors } };

for (const groups of [1, 2, 3, 6]) {
  Deno.test(`groupNorm() equals a plain loop with ${groups} groups of ${CHANNELS / groups}, gradients included`, async () => {
    const size = CHANNELS / groups;
    const expected = expectation((b, c) => `${b}.${Math.floor(c / size)}`);
    const f = (inputs: Tensors) => {
      const layer = groupNorm(givenScope(inputs), {
        channels: CHANNELS,
        groups,
      });
      return tf.mul(layer(inputs.x as tf.Tensor4D), inputs.factors);
    };
    for (const [place, found] of await everywhere(f, given, [...wrt])) {
      assertClose(found.value, expected.value, { ofLargest: 1e-5 }, place);
      for (const name of wrt) {
        assertClose(
          found.gradients[name],
          expected.slopes[name],
          { ofLargest: 2e-5 },
          `gradient of ${name} on ${place}`,
        );
      }
    }
  });
}

Deno.test("groupNorm() refuses groups that do not divide the channels", () => {
  const { scope } = openScope({ seed: 1 });
  assert.throws(() => groupNorm(scope, { channels: 6, groups: 4 }), {
    name: "RangeError",
    message:
      "Cannot make a group norm: the groups must divide the 6 channels: current value is 4",
  });
});

const statistics = {
  running_mean: { shape: [CHANNELS], data: wave(CHANNELS, 1, 4) },
  running_var: {
    shape: [CHANNELS],
    data: wave(CHANNELS, 1, 5).map((value) => 2 + value),
  },
};

Deno.test("batchNorm() in training equals a plain loop, gradients included", async () => {
  const expected = expectation((_, c) => `${c}`);
  const f = (inputs: Tensors) => {
    const layer = batchNorm(givenScope(inputs), { channels: CHANNELS });
    return tf.mul(layer(inputs.x as tf.Tensor4D, true), inputs.factors);
  };
  const inputs = { ...given, ...statistics };
  for (const [place, found] of await everywhere(f, inputs, [...wrt])) {
    assertClose(found.value, expected.value, { ofLargest: 2e-5 }, place);
    for (const name of wrt) {
      assertClose(
        found.gradients[name],
        expected.slopes[name],
        { ofLargest: 5e-5 },
        `gradient of ${name} on ${place}`,
      );
    }
  }
});

Deno.test("batchNorm() in training moves the running statistics, the variance unbiased", async () => {
  const count = x.data.length / CHANNELS;
  const mean = statistics.running_mean.data.map((running, c) => {
    const values = x.data.filter((_, i) => i % CHANNELS === c);
    return 0.9 * running + 0.1 * values.reduce((a, b) => a + b) / count;
  });
  const variance = statistics.running_var.data.map((running, c) => {
    const values = x.data.filter((_, i) => i % CHANNELS === c);
    const middle = values.reduce((a, b) => a + b) / count;
    const squares = values.reduce((sum, v) => sum + (v - middle) ** 2, 0);
    return 0.9 * running + 0.1 * squares / (count - 1);
  });
  const f = (inputs: Tensors) => {
    const assigned: Tensors = {};
    const layer = batchNorm(givenScope(inputs, assigned), {
      channels: CHANNELS,
    });
    layer(inputs.x as tf.Tensor4D, true);
    return tf.stack([assigned.running_mean, assigned.running_var]);
  };
  const inputs = { ...given, ...statistics };
  for (const [place, { value }] of await everywhere(f, inputs)) {
    assertClose(value, [...mean, ...variance], { relative: 1e-5 }, place);
  }
});

for (
  const [what, training, frozenStatistics] of [
    ["outside training", false, false],
    ["in training with frozen statistics", true, true],
  ] as const
) {
  Deno.test(`batchNorm() ${what} uses the running statistics and leaves them alone, gradients included`, async () => {
    const f = (inputs: Tensors) => {
      const assigned: Tensors = {};
      const layer = batchNorm(givenScope(inputs, assigned), {
        channels: CHANNELS,
        frozenStatistics,
      });
      const y = layer(inputs.x as tf.Tensor4D, training);
      assert.deepEqual(assigned, {});
      return tf.mul(y, inputs.factors);
    };
    const each = (i: number) => {
      const c = i % CHANNELS;
      const inverse = 1 / Math.sqrt(statistics.running_var.data[c] + 1e-5);
      const normal = (x.data[i] - statistics.running_mean.data[c]) * inverse;
      return { c, inverse, normal };
    };
    const y = [...x.data].map((_, i) => {
      const { c, normal } = each(i);
      return (normal * weight.data[c] + bias.data[c]) * factors[i];
    });
    const slopes = {
      x: [...x.data].map((_, i) => {
        const { c, inverse } = each(i);
        return factors[i] * weight.data[c] * inverse;
      }),
      weight: Array(CHANNELS).fill(0),
      bias: Array(CHANNELS).fill(0),
    };
    factors.forEach((factor, i) => {
      const { c, normal } = each(i);
      slopes.weight[c] += factor * normal;
      slopes.bias[c] += factor;
    });
    const inputs = { ...given, ...statistics };
    for (const [place, found] of await everywhere(f, inputs, [...wrt])) {
      assertClose(found.value, y, { ofLargest: 1e-5 }, place);
      for (const name of wrt) {
        assertClose(
          found.gradients[name],
          slopes[name],
          { ofLargest: 2e-5 },
          `gradient of ${name} on ${place}`,
        );
      }
    }
  });
}
