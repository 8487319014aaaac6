import * as tf from "@tensorflow/tfjs-core";
import { openEngine } from "ldlab/engine/mod.ts";
import assert from "node:assert/strict";
import { assertClose } from "../../golden.ts";
import { tensorOf } from "../deterministic_values.ts";
import { runScript } from "../run_script.ts";

await openEngine({ backend: "tensorflow" });

for (const strides of [[2, 2], [1, 2], [3, 2]] as [number, number][]) {
  Deno.test(`tf.conv2d()'s filter gradient equals the definition: 1x1, strides ${strides}`, () => {
    tf.tidy(() => {
      const x = tensorOf([2, 5, 4, 3], 1) as tf.Tensor4D;
      const filter = tensorOf([1, 1, 3, 2], 2) as tf.Tensor4D;
      const [height, width] = [Math.ceil(5 / strides[0]), 4 / strides[1]];
      const dy = tensorOf([2, height, Math.ceil(width), 2], 3) as tf.Tensor4D;
      const expected = new Float64Array(6);
      const [xs, dys] = [x.arraySync(), dy.arraySync()];
      dys.forEach((image, b) =>
        image.forEach((row, i) =>
          row.forEach((pixel, j) =>
            pixel.forEach((slope, o) => {
              const read = xs[b][i * strides[0]][j * strides[1]];
              read.forEach((value, c) => expected[2 * c + o] += slope * value);
            })
          )
        )
      );
      for (const padding of ["valid", "same"] as const) {
        const convolve = (filter: tf.Tensor) =>
          tf.conv2d(x, filter as tf.Tensor4D, strides, padding);
        const slopes = tf.grad(convolve)(filter, dy).dataSync();
        assertClose(slopes, expected, { ofLargest: 1e-6 }, padding);
      }
    });
  });
}

// A write out of bounds shows as the death of its process. Without the engine's
// care each of these died within 400 repeats: TensorFlow 2.21, x86-64, oneDNN.
const convolutions = {
  "tf.conv2d()": `(x, filter) => tf.conv2d(x, filter, 2, "valid")`,
  PaddedConv2D: `(x, filter) =>
    tf.engine().runKernel("PaddedConv2D", { x, filter }, {
      strides: [2, 2],
      pads: [0, 0, 0, 0],
    })`,
};

for (const [name, convolve] of Object.entries(convolutions)) {
  Deno.test(`${name}'s filter gradient stays in its memory: 1x1, stride 2, 8 images, 3 threads`, async () => {
    const { code, stdout, stderr } = await runScript(`
      import * as tf from "@tensorflow/tfjs-core";
      import { openEngine } from "ldlab/engine/mod.ts";
      await openEngine({ backend: "tensorflow", threads: 3 });
      const convolve = ${convolve};
      const x = tf.randomNormal([8, 24, 32, 8]);
      const filter = tf.randomNormal([1, 1, 8, 16]);
      const slope = tf.grad((filter) => convolve(x, filter));
      for (let i = 0; i < 400; i++) {
        tf.tidy(() => {
          slope(filter).dataSync();
          for (let j = 0; j < 20; j++) tf.add(tf.ones([7]), 1);
        });
      }
      console.log("alive");
    `);
    assert.deepEqual([code, stdout.trim()], [0, "alive"], stderr);
  });
}

Deno.test("a residual block trains on one image with two threads, compiled", async () => {
  const { code, stdout, stderr } = await runScript(`
    import * as tf from "@tensorflow/tfjs-core";
    import { compile, openEngine } from "ldlab/engine/mod.ts";
    await openEngine({ backend: "tensorflow", threads: 2 });
    const wide = tf.variable(tf.randomNormal([3, 3, 4, 8]));
    const short = tf.variable(tf.randomNormal([1, 1, 4, 8]));
    const convolve = (x, filter, pad) =>
      tf.engine().runKernel("PaddedConv2D", { x, filter }, {
        strides: [2, 2],
        pads: [pad, pad, pad, pad],
      });
    const step = compile(({ x }) => {
      const { value, grads } = tf.variableGrads(() =>
        tf.mean(tf.relu(tf.add(convolve(x, wide, 1), convolve(x, short, 0))))
      );
      for (const variable of [wide, short]) {
        const move = tf.mul(grads[variable.name], 1e-3);
        variable.assign(tf.sub(variable, move));
      }
      return { value };
    });
    const x = tf.randomNormal([1, 16, 16, 4]);
    for (let i = 0; i < 400; i++) tf.dispose(await step({ x }));
    console.log("alive");
  `);
  assert.deepEqual([code, stdout.trim()], [0, "alive"], stderr);
});
