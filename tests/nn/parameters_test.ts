import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { openEngine } from "ldlab/engine/open_engine.ts";
import {
  constant,
  type Initializer,
  kaimingNormal,
  normal,
  xavierUniform,
} from "ldlab/nn/initializers.ts";
import { createRandom } from "ldlab/random/random.ts";
import { scale } from "ldlab/nn/scale.ts";
import { openScope } from "ldlab/nn/scope.ts";
import { withoutGradient } from "ldlab/nn/without_gradient.ts";
import { everywhere } from "../everywhere.ts";

await openEngine({ backend: "tensorflow" });

function moments(values: ArrayLike<number>) {
  const all = Array.from(values);
  const mean = all.reduce((a, b) => a + b) / all.length;
  const variance = all.reduce((s, v) => s + (v - mean) ** 2, 0) / all.length;
  return {
    mean,
    deviation: Math.sqrt(variance),
    largest: Math.max(...all.map(Math.abs)),
  };
}

Deno.test("initializers draw from the distributions that PyTorch documents", () => {
  const shape = [3, 3, 32, 64];
  const draw = (initializer: Initializer) =>
    moments(initializer(shape, createRandom(5, "w")));
  // Kaiming: √(2 / (9 · 64)). Xavier: limit √(6 / (9 · 96)), deviation limit/√3.
  assert.ok(
    Math.abs(draw(kaimingNormal()).deviation / Math.sqrt(2 / 576) - 1) < 0.03,
  );
  const limit = Math.sqrt(6 / 864);
  const xavier = draw(xavierUniform());
  assert.ok(Math.abs(xavier.deviation / (limit / Math.sqrt(3)) - 1) < 0.03);
  assert.ok(xavier.largest <= limit && xavier.largest > 0.99 * limit);
  assert.ok(Math.abs(draw(normal(0.01)).deviation / 0.01 - 1) < 0.03);
  assert.throws(() => kaimingNormal()([3], createRandom(5)), TypeError);
});

Deno.test("openScope() names variables by their place and keeps frozen weights from training", () => {
  const before = tf.memory().numTensors;
  const { scope, variables } = openScope({ seed: 1 });
  const layer = scope.child("layer1").child("0");
  layer.child("conv1").parameter("weight", [2], normal(1));
  layer.child("bn1", { frozen: true }).parameter("weight", [2], constant(1));
  layer.child("", { frozen: true }).child("conv2").parameter(
    "weight",
    [2],
    constant(1),
  );
  layer.buffer("running_mean", [2], constant(0));
  assert.deepEqual([...variables.parameters.keys()], ["layer1.0.conv1.weight"]);
  assert.deepEqual([...variables.buffers.keys()], [
    "layer1.0.bn1.weight",
    "layer1.0.conv2.weight",
    "layer1.0.running_mean",
  ]);
  assert.ok(variables.parameters.get("layer1.0.conv1.weight")!.trainable);
  assert.ok(!variables.buffers.get("layer1.0.bn1.weight")!.trainable);
  assert.throws(() => layer.buffer("running_mean", [2], constant(0)), {
    name: "RangeError",
    message:
      "Cannot make a variable: the name 'layer1.0.running_mean' is taken",
  });
  for (const map of Object.values(variables)) {
    for (const variable of map.values()) variable.dispose();
  }
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("openScope() starts a variable by the seed and its name alone", async () => {
  const start = async (seed: number, others: string[]) => {
    const { scope, variables } = openScope({ seed });
    for (const name of [...others, "w"]) scope.parameter(name, [50], normal(1));
    const values = [...await variables.parameters.get("w")!.data()];
    tf.dispose([...variables.parameters.values()]);
    return values;
  };
  assert.deepEqual(await start(1, ["a", "b"]), await start(1, []));
  assert.notDeepEqual(await start(2, []), await start(1, []));
});

Deno.test("scale() multiplies by its number and learns it", async () => {
  const x = { shape: [2], data: [3, 4] };
  const f = ({ x, factor }: Record<string, tf.Tensor>) => {
    const scope = { parameter: () => factor } as unknown as Parameters<
      typeof scale
    >[0];
    return scale(scope)(x);
  };
  const inputs = { x, factor: { shape: [], data: [2] } };
  for (const [place, found] of await everywhere(f, inputs, ["x", "factor"])) {
    assert.deepEqual([...found.value], [6, 8], place);
    assert.deepEqual([...found.gradients.x], [2, 2], place);
    assert.deepEqual([...found.gradients.factor], [7], place);
  }
});

Deno.test("withoutGradient() stops the gradient of what is inside only", async () => {
  const f = ({ x }: Record<string, tf.Tensor>) =>
    tf.mul(x, withoutGradient(() => tf.square(x)));
  for (
    const [place, found] of await everywhere(
      f,
      { x: { shape: [], data: [3] } },
      ["x"],
    )
  ) {
    assert.deepEqual([...found.value], [27], place);
    assert.deepEqual([...found.gradients.x], [9], place);
  }
});
