import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { countMultiplyAdds } from "ldlab/nn/conv2d.ts";
import { deformableConv } from "ldlab/nn/deformable_conv.ts";
import { constant } from "ldlab/nn/initializers.ts";
import { openScope } from "ldlab/nn/scope.ts";
import { wave } from "../float64.ts";
import { assertClose, goldenCases } from "../golden.ts";
import { givenScope } from "./given_scope.ts";
import { assertGoldenLayer } from "./golden_layer.ts";
import { convolve, type Map4D } from "./reference_layers.ts";

const ofLayer = ({ params }: { params: object }) => "modulated" in params;

for (const one of await goldenCases("deform_conv", ofLayer)) {
  Deno.test(`deformableConv() equals mmcv's layer, gradients included: ${one.name}`, async () => {
    const layer = ({ x, ...given }: Record<string, tf.Tensor>) =>
      deformableConv(givenScope(given), {
        inChannels: x.shape[3]!,
        outChannels: given.weight.shape[3]!,
        kernel: given.weight.shape[0],
        weight: constant(0),
        ...one.params,
      })(x as tf.Tensor4D);
    await assertGoldenLayer(one, layer);
  });
}

for (
  const [modulated, perTap, factor] of [[false, 2, 1], [true, 3, 0.5]] as const
) {
  Deno.test(`deformableConv() starts as ${factor} times a convolution, its parameters named as mmcv's, modulated: ${modulated}`, async () => {
    const { scope, variables: { parameters } } = openScope({ seed: 1 });
    const layer = deformableConv(scope.child("conv2"), {
      inChannels: 4,
      outChannels: 6,
      kernel: 3,
      stride: 2,
      groups: 2,
      deformGroups: 4,
      modulated,
      weight: (shape) => wave(shape.reduce((a, b) => a * b), 1),
    });
    assert.deepEqual(
      [...parameters].map(([name, { shape }]) => [name, shape]),
      [
        ["conv2.weight", [3, 3, 2, 6]],
        ["conv2.conv_offset.weight", [3, 3, 4, 36 * perTap]],
        ["conv2.conv_offset.bias", [36 * perTap]],
      ],
    );
    const data = wave(2 * 5 * 6 * 4, 1, 2);
    const y = tf.tidy(() => layer(tf.tensor4d(data, [2, 5, 6, 4])));
    assert.deepEqual(y.shape, [2, 3, 3, 6]);
    const weight = wave(3 * 3 * 2 * 6, 1);
    // Two groups: two channels in and three out of each.
    const groups = [0, 1].map((g) => {
      const pick = (values: Float32Array, last: number, each: number) =>
        values.filter((_, i) => Math.floor(i % last / each) === g);
      const x: Map4D = { shape: [2, 5, 6, 2], data: pick(data, 4, 2) };
      const filter: Map4D = { shape: [3, 3, 2, 3], data: pick(weight, 6, 3) };
      return convolve(x, filter, 2, 1);
    });
    const expected = Array.from(
      { length: y.size },
      (_, i) =>
        factor * groups[Math.floor(i % 6 / 3)][Math.floor(i / 6) * 3 + i % 3],
    );
    assertClose(await y.data(), expected, { ofLargest: 1e-5 });
    y.dispose();
    tf.dispose([...parameters.values()]);
  });
}

Deno.test("deformableConv() refuses groups that don't divide the channels", () => {
  const { scope } = openScope({ seed: 1 });
  const options = {
    inChannels: 4,
    outChannels: 6,
    kernel: 3,
    modulated: false,
    weight: constant(0),
  };
  assert.throws(() => deformableConv(scope, { ...options, groups: 4 }), {
    name: "RangeError",
    message:
      "Cannot make a deformable convolution: groups must divide 4 and 6: " +
      "current value is 4",
  });
  assert.throws(() => deformableConv(scope, { ...options, deformGroups: 3 }), {
    name: "RangeError",
    message:
      "Cannot make a deformable convolution: deformGroups must divide 4: " +
      "current value is 3",
  });
});

Deno.test("deformableConv() has its multiply-adds counted, those of its offsets too", () => {
  const { scope, variables: { parameters } } = openScope({ seed: 1 });
  const layer = deformableConv(scope, {
    inChannels: 4,
    outChannels: 6,
    kernel: 3,
    groups: 2,
    modulated: true,
    weight: constant(0),
  });
  const count = tf.tidy(() =>
    countMultiplyAdds(() => layer(tf.ones([1, 4, 5, 4])))
  );
  assert.equal(count, 4 * 5 * 9 * (6 * 2 + 27 * 4));
  tf.dispose([...parameters.values()]);
});
