import * as tf from "@tensorflow/tfjs-core";
import { openEngine } from "ldlab/engine/mod.ts";
import assert from "node:assert/strict";
import { assertClose } from "../../golden.ts";
import { tensorOf } from "../deterministic_values.ts";

await openEngine({ backend: "tensorflow" });

const EPSILON = 1e-5;
const SHAPE = [2, 3, 4, 5];
const CHANNELS = 5;
const COUNT = 2 * 3 * 4;

function batchNorm(inputs: tf.NamedTensorMap, training: boolean): tf.Tensor[] {
  return tf.engine().runKernel("FusedBatchNormV3", inputs, {
    epsilon: EPSILON,
    training,
  }) as unknown as tf.Tensor[];
}

function exampleInputs() {
  return {
    x: tf.add(tf.mul(tensorOf(SHAPE, 1), 3), 1),
    scale: tensorOf([CHANNELS], 2),
    offset: tensorOf([CHANNELS], 3),
    mean: tensorOf([CHANNELS], 4),
    variance: tf.add(tensorOf([CHANNELS], 5), 1.5),
  };
}

/** Batch normalisation from its definition, in float64. */
function definition(
  values: Record<string, ArrayLike<number>>,
  training: boolean,
) {
  const { x, scale, offset } = values;
  const mean = Array.from(values.mean);
  const variance = Array.from(values.variance);
  if (training) {
    for (let c = 0; c < CHANNELS; c++) {
      mean[c] = 0;
      for (let i = 0; i < COUNT; i++) mean[c] += x[i * CHANNELS + c] / COUNT;
      variance[c] = 0;
      for (let i = 0; i < COUNT; i++) {
        variance[c] += (x[i * CHANNELS + c] - mean[c]) ** 2 / COUNT;
      }
    }
  }
  const y = Array.from(x, (value, i) => {
    const c = i % CHANNELS;
    return (value - mean[c]) / Math.sqrt(variance[c] + EPSILON) * scale[c] +
      offset[c];
  });
  return { y, mean, variance };
}

for (const training of [true, false]) {
  const mode = training ? "training" : "inference";

  Deno.test(`FusedBatchNormV3() equals the definition in ${mode}`, () => {
    tf.tidy(() => {
      const inputs = exampleInputs();
      const values = Object.fromEntries(
        Object.entries(inputs).map(([name, t]) => [name, t.dataSync()]),
      );
      const expected = definition(values, training);
      const [y, mean, variance] = batchNorm(inputs, training);
      assertClose(y.dataSync(), expected.y, { ofLargest: 1e-6 }, "y");
      assertClose(mean.dataSync(), expected.mean, { absolute: 1e-6 }, "mean");
      // The batch's variance comes unbiased: times n / (n - 1).
      const factor = training ? COUNT / (COUNT - 1) : 1;
      assertClose(
        variance.dataSync(),
        expected.variance.map((v) => v * factor),
        { relative: 1e-5 },
        "variance",
      );
    });
  });

  Deno.test(`FusedBatchNormV3()'s gradients equal finite differences in ${mode}`, () => {
    tf.tidy(() => {
      const inputs = exampleInputs();
      const dy = tensorOf(SHAPE, 6);
      const dys = dy.dataSync();
      const values = Object.fromEntries(
        Object.entries(inputs).map((
          [name, t],
        ) => [name, Float64Array.from(t.dataSync())]),
      );
      const loss = () =>
        definition(values, training).y
          .reduce((sum, value, i) => sum + value * dys[i], 0);
      const names = ["x", "scale", "offset"] as const;
      const gradients = tf.grads((x, scale, offset) =>
        batchNorm({ ...inputs, x, scale, offset }, training)[0]
      )(names.map((name) => inputs[name]), dy);
      names.forEach((name, n) => {
        const step = 1e-5;
        const expected = Array.from(values[name], (value, i) => {
          values[name][i] = value + step;
          const above = loss();
          values[name][i] = value - step;
          const below = loss();
          values[name][i] = value;
          return (above - below) / (2 * step);
        });
        assertClose(
          gradients[n].dataSync(),
          expected,
          { ofLargest: 2e-6 },
          `gradient of ${name}`,
        );
      });
    });
  });
}

Deno.test("FusedBatchNormV3() refuses a gradient of the given statistics", () => {
  tf.tidy(() => {
    const inputs = exampleInputs();
    assert.throws(
      () =>
        tf.grad((mean) => batchNorm({ ...inputs, mean }, false)[0])(
          inputs.mean,
        ),
      /mean/,
    );
  });
});
