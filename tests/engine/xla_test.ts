/** Steps that XLA compiles, on the processor. */
import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { compile, openEngine } from "ldlab/engine/mod.ts";
import { assertClosePairs } from "./equality/close_pairs.ts";
import { layerCases } from "./equality/layer_cases.ts";
import { lossCases } from "./equality/loss_cases.ts";
import { replayBesideEager } from "./equality/replay_beside_eager.ts";

await openEngine({ backend: "tensorflow" });

/** The gradient of the sum of a resized map times fixed numbers. */
const resizeGradient =
  (size: [number, number], alignCorners = false) =>
  ({ x }: tf.NamedTensorMap) => ({
    dx: tf.grad((x) => {
      const y = tf.image.resizeNearestNeighbor(
        x as tf.Tensor4D,
        size,
        alignCorners,
      );
      return tf.sum(tf.mul(y, tf.reshape(tf.range(0, y.size), y.shape)));
    })(x),
  });

Deno.test("compile() with XLA replaces the gradient of a nearest-neighbour resize", async () => {
  const x = tf.tidy(() => tf.add(tf.zeros([2, 3, 2, 2]), 1));
  const notices: string[] = [];
  const plain = compile(resizeGradient([6, 6]));
  const step = compile(resizeGradient([6, 6]), {
    name: "resize",
    xla: true,
    onNotice: (message) => notices.push(message),
  });
  const { dx: expected } = await plain({ x });
  for (let call = 0; call < 2; call++) {
    const { dx } = await step({ x });
    // Whole numbers: sums of six of them are exact.
    assert.deepEqual(await dx.array(), await expected.array());
    dx.dispose();
  }
  assert.equal(notices.length, 1);
  assert.match(notices[0], /^XLA compiled step 'resize' in \d+\.\d s$/);
  assert.ok(step.statistics.xlaSeconds! > 0);
  assert.equal(plain.statistics.xlaSeconds, undefined);
  plain.dispose();
  step.dispose();
  tf.dispose([x, expected]);
});

Deno.test("compile() with XLA says what to do about a resize that it has no gradient of", async () => {
  const x = tf.zeros([1, 2, 2, 1]);
  const step = compile(resizeGradient([3, 4]), { xla: true });
  await assert.rejects(
    step({ x }),
    /XLA has no gradient of resizing 2 x 2 to 3 x 4 .* whole multiple, or compile without xla/,
  );
  step.dispose();
  x.dispose();
});

Deno.test("compile() with XLA refuses the gradient of a resize with aligned corners", async () => {
  // Of three cells to nine, the middle one has four copies and the last three.
  const x = tf.zeros([1, 3, 3, 1]);
  const step = compile(resizeGradient([9, 9], true), { xla: true });
  await assert.rejects(
    step({ x }),
    /XLA has no gradient .* aligned corners\. .* without alignCorners, or compile without xla/,
  );
  step.dispose();
  x.dispose();
});

// A few of many: XLA takes minutes for a whole distillation step.
const { "distributionFocalLoss()": dfl } = lossCases;
const {
  "batchNorm() in training": batchNorm,
  "conv2d() of 3 x 3, stride 2": conv2d,
  "double() to an odd map": double,
} = layerCases;

for (
  const [name, prepare] of Object.entries({ dfl, batchNorm, conv2d, double })
) {
  Deno.test(`compile() with XLA computes ${name} as the plain step does`, async () => {
    const options = { calls: 2, sameState: true, xla: true };
    await assertClosePairs(replayBesideEager(prepare, options), 1e-5);
  });
}
