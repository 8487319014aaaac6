import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { deformConv2d } from "ldlab/nn/deform_conv2d.ts";
import { runScript } from "../engine/run_script.ts";
import { everywhere, type HostValues } from "../everywhere.ts";
import { wave } from "../float64.ts";
import { assertClose, goldenCases } from "../golden.ts";
import { assertGoldenLayer } from "./golden_layer.ts";
import { convolve, type Map4D } from "./reference_layers.ts";

/** The settings of a golden case. */
type Options = Omit<Parameters<typeof deformConv2d>[3] & object, "mask">;

const apply = (given: Record<string, tf.Tensor>, options: Options) => {
  const { x, offsets, filter, mask } = given as Record<string, tf.Tensor4D>;
  return deformConv2d(x, offsets, filter, { mask, ...options });
};

const ofFunction = ({ inputs }: { inputs: object }) => "offsets" in inputs;

for (const one of await goldenCases("deform_conv", ofFunction)) {
  Deno.test(`deformConv2d() equals torchvision's deform_conv2d, gradients included: ${one.name}`, async () => {
    await assertGoldenLayer(one, (given) => apply(given, one.params));
  });
}

/** A tensor that looks random. */
function values<S extends number[]>(shape: S, phase: number) {
  return { shape, data: wave(shape.reduce((a, b) => a * b, 1), 1, phase) };
}
const filled = (shape: number[], value: number): HostValues => ({
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value),
});

Deno.test("deformConv2d() with offsets of 0 and a mask of 1 is a convolution", async () => {
  const x: Map4D = values([2, 5, 6, 4], 0);
  const filter: Map4D = values([3, 3, 4, 2], 1);
  const inputs = {
    x,
    filter,
    offsets: filled([2, 3, 3, 2 * 18], 0),
    mask: filled([2, 3, 3, 2 * 9], 1),
  };
  const expected = convolve(x, filter, 2, 1);
  const f = (given: Record<string, tf.Tensor>) =>
    apply(given, { stride: 2, padding: 1 });
  for (const [place, { value }] of await everywhere(f, inputs)) {
    assertClose(value, expected, { ofLargest: 1e-5 }, place);
  }
});

Deno.test("deformConv2d() with the same whole offset everywhere is a convolution of the shifted map", async () => {
  // One row down and two columns to the left: as padding less and more.
  const x: Map4D = values([1, 6, 7, 2], 0);
  const filter: Map4D = values([3, 3, 2, 2], 1);
  const shifted: Map4D = { shape: x.shape, data: new Float32Array(x.data) };
  const at = (i: number, j: number) => (i * 7 + j) * 2;
  for (let i = 0; i < 6; i++) {
    for (let j = 0; j < 7; j++) {
      for (const c of [0, 1]) {
        (shifted.data as Float32Array)[at(i, j) + c] = i + 1 < 6 && j - 2 >= 0
          ? x.data[at(i + 1, j - 2) + c]
          : 0;
      }
    }
  }
  const offsets = {
    shape: [1, 4, 5, 18],
    data: Array.from({ length: 4 * 5 * 18 }, (_, i) => i % 2 === 0 ? 1 : -2),
  };
  const f = (given: Record<string, tf.Tensor>) => apply(given, {});
  const expected = convolve(shifted, filter, 1, 0);
  for (const [place, found] of await everywhere(f, { x, filter, offsets })) {
    assertClose(found.value, expected, { ofLargest: 1e-5 }, place);
  }
});

Deno.test("deformConv2d() reads zeros, without gradients, at any distance", async () => {
  for (const far of [100, 1e9, -3e38, Infinity, -Infinity]) {
    const inputs = {
      x: values([1, 4, 4, 2], 0),
      filter: values([3, 3, 2, 2], 1),
      offsets: filled([1, 4, 4, 18], far),
    };
    const f = (given: Record<string, tf.Tensor>) =>
      apply(given, { padding: 1 });
    const wrt = Object.keys(inputs);
    for (const [place, found] of await everywhere(f, inputs, wrt)) {
      for (const one of [found.value, ...Object.values(found.gradients)]) {
        assert.ok(one.every((v) => v === 0), `${far} on ${place}`);
      }
    }
  }
});

Deno.test("deformConv2d() makes NaN of an offset that is NaN, and of nothing else", async () => {
  const offsets = filled([1, 2, 2, 2], 0).data as Float32Array;
  offsets[2] = NaN;
  const inputs = {
    x: values([1, 2, 2, 1], 0),
    filter: filled([1, 1, 1, 1], 1),
    offsets: { shape: [1, 2, 2, 2], data: offsets },
  };
  const f = (given: Record<string, tf.Tensor>) => apply(given, {});
  for (const [place, { value }] of await everywhere(f, inputs)) {
    const expected = Array.from(inputs.x.data);
    expected[1] = NaN;
    assertClose(value, expected, {}, place);
  }
});

Deno.test("deformConv2d() of no images gives none", async () => {
  const inputs = {
    x: filled([0, 4, 4, 2], 0),
    filter: values([3, 3, 2, 2], 1),
    offsets: filled([0, 4, 4, 18], 0),
  };
  const f = (given: Record<string, tf.Tensor>) => apply(given, { padding: 1 });
  for (const [place, { value }] of await everywhere(f, inputs)) {
    assert.equal(value.length, 0, place);
  }
});

Deno.test("deformConv2d() refuses shapes that don't fit", () => {
  const refused = (
    shapes: Record<string, number[]>,
    message: RegExp,
    name = "TypeError",
  ) =>
    tf.tidy(() => {
      const given = Object.fromEntries(
        Object.entries({
          x: [1, 4, 4, 4],
          offsets: [1, 4, 4, 18],
          filter: [3, 3, 4, 2],
          ...shapes,
        }).map(([key, shape]) => [key, tf.zeros(shape)]),
      );
      assert.throws(() => apply(given, { padding: 1 }), { name, message });
    });
  refused(
    { offsets: [1, 4, 4, 9] },
    /^Cannot convolve deformably: offsets must be \[1, 4, 4, 18\]: current shape is \[1, 4, 4, 9\]$/,
  );
  refused({ offsets: [1, 4, 3, 18] }, /offsets must be \[1, 4, 4, 18\]/);
  refused({ offsets: [1, 4, 4, 54] }, /offsets must be \[1, 4, 4, 18\]/);
  refused({ mask: [1, 4, 4, 18] }, /mask must be \[1, 4, 4, 9\]/);
  refused({ filter: [3, 3, 3, 2] }, /filter must be .* where C is 4/);
  refused({ filter: [3, 3, 1, 2] }, /filter must be .* where C is 4/);
  refused({ filter: [7, 7, 4, 2] }, /must not be smaller/, "RangeError");
});

Deno.test("deformConv2d() refuses settings that are no whole numbers", () => {
  const x = tf.zeros<tf.Rank.R4>([1, 4, 4, 1]);
  const offsets = tf.zeros<tf.Rank.R4>([1, 4, 4, 2]);
  const filter = tf.zeros<tf.Rank.R4>([1, 1, 1, 1]);
  for (
    const [options, message] of [
      [{ stride: 0 }, /stride must be .* at least 1: current value is 0/],
      [{ padding: 0.5 }, /padding must be .* at least 0: current value is 0.5/],
      [
        { dilation: NaN },
        /dilation must be .* at least 1: current value is NaN/,
      ],
    ] as const
  ) {
    assert.throws(() => deformConv2d(x, offsets, filter, options), {
      name: "RangeError",
      message,
    });
  }
  tf.dispose([x, offsets, filter]);
});

Deno.test("deformConv2d() equals torchvision's on WebGPU, gradients included", async () => {
  const [one] = await goldenCases(
    "deform_conv",
    ({ inputs }) => inputs.mask && inputs.filter.shape[2] < inputs.x.shape[3],
  ); // with a mask and in groups
  const { inputs, gradients, params } = one;
  const wrt = Object.keys(gradients);
  const { code, stdout, stderr } = await runScript(`
    import * as tf from "@tensorflow/tfjs-core";
    import { openEngine } from "ldlab/engine/mod.ts";
    import { deformConv2d } from "ldlab/nn/deform_conv2d.ts";
    await openEngine({ backend: "webgpu" });
    const inputs = ${JSON.stringify(inputs)};
    const [x, offsets, filter, mask, factors] =
      ["x", "offsets", "filter", "mask", "factors"].map((name) =>
        tf.tensor(inputs[name].data, inputs[name].shape));
    const gradients = tf.grads((x, offsets, filter, mask) => tf.mul(
      deformConv2d(x, offsets, filter, { mask, ...${JSON.stringify(params)} }),
      factors,
    ))([x, offsets, filter, mask]);
    const found = [];
    for (const one of gradients) found.push([...await one.data()]);
    console.log(JSON.stringify(found));
    Deno.exit(0);
  `);
  assert.equal(code, 0, stderr);
  const found = JSON.parse(stdout.trim().split("\n").at(-1)!);
  assert.deepEqual(wrt, ["x", "offsets", "filter", "mask"]);
  for (const [i, name] of wrt.entries()) {
    const expected = gradients[name].data;
    assertClose(found[i], expected, { ofLargest: 1e-5 }, `gradient of ${name}`);
  }
});
