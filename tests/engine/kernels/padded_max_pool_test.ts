import * as tf from "@tensorflow/tfjs-core";
import { openEngine } from "ldlab/engine/mod.ts";
import assert from "node:assert/strict";
import { tensorOf } from "../deterministic_values.ts";

await openEngine({ backend: "tensorflow" });

function maxPool(x: tf.Tensor): tf.Tensor {
  return tf.engine().runKernel("PaddedMaxPool", { x }, {
    filterSize: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  });
}

Deno.test("PaddedMaxPool() and its gradient equal the definition on negative values", () => {
  tf.tidy(() => {
    // All negative: padding by 0 instead of -inf would win at the border.
    const x = tf.sub(tensorOf([2, 7, 6, 3], 1), 2);
    const xs = x.dataSync();
    const [batch, height, width, channels] = x.shape;
    const y = maxPool(x);
    assert.deepEqual(y.shape, [2, 4, 3, 3]);
    const dy = tensorOf(y.shape, 2);
    const dys = dy.dataSync();
    const expected = new Float32Array(y.size);
    const expectedGradient = new Float32Array(x.size);
    for (let b = 0, o = 0; b < batch; b++) {
      for (let i = 0; i < 4; i++) {
        for (let j = 0; j < 3; j++) {
          for (let c = 0; c < channels; c++, o++) {
            let best = -1;
            for (let row = 2 * i - 1; row < 2 * i + 2; row++) {
              for (let column = 2 * j - 1; column < 2 * j + 2; column++) {
                if (row < 0 || row >= height || column < 0 || column >= width) {
                  continue;
                }
                const at = ((b * height + row) * width + column) * channels + c;
                if (best < 0 || xs[at] > xs[best]) best = at;
              }
            }
            expected[o] = xs[best];
            expectedGradient[best] += dys[o];
          }
        }
      }
    }
    assert.deepEqual(y.dataSync(), expected);
    const gradient = tf.grad(maxPool)(x, dy).dataSync();
    gradient.forEach((value, i) =>
      assert.ok(Math.abs(value - expectedGradient[i]) < 1e-6)
    );
  });
});
