import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { gcBlock } from "ldlab/nn/gc_block.ts";
import { openScope } from "ldlab/nn/scope.ts";
import { everywhere, type HostValues } from "../everywhere.ts";
import { centralDifferences, logSoftmax, rows, sum, wave } from "../float64.ts";
import { assertClose } from "../golden.ts";
import { givenScope } from "./given_scope.ts";

type Numbers = Record<string, ArrayLike<number>>;

/** C channels, K hidden; a 1 x 1 filter [1, 1, in, out] has out numbers a row. */
function shapesOf(channels: number): Record<string, number[]> {
  const hidden = Math.max(Math.floor(channels / 2), 1);
  return {
    "conv_mask.weight": [1, 1, channels, 1],
    "conv_mask.bias": [1],
    "channel_add_conv.0.weight": [1, 1, channels, hidden],
    "channel_add_conv.0.bias": [hidden],
    "channel_add_conv.1.weight": [hidden],
    "channel_add_conv.1.bias": [hidden],
    "channel_add_conv.3.weight": [1, 1, hidden, channels],
    "channel_add_conv.3.bias": [channels],
  };
}

/** y = x · weight + bias of one vector. */
function linear(
  x: number[],
  weight: ArrayLike<number>,
  bias: ArrayLike<number>,
) {
  const taps = rows(weight, bias.length);
  return Array.from(bias, (b, o) => b + sum(x.map((v, i) => v * taps[i][o])));
}

/** The block as plain loops, image by image. */
function reference(given: Numbers, batch: number, channels: number): number[] {
  const images = rows(given.x, given.x.length / batch);
  return images.flatMap((image) => {
    const cells = rows(image, channels);
    const logits = cells.map((cell) =>
      linear(cell, given["conv_mask.weight"], given["conv_mask.bias"])[0]
    );
    const share = logSoftmax(logits).map(Math.exp);
    const context = cells[0].map((_, c) =>
      sum(cells.map((cell, i) => share[i] * cell[c]))
    );
    const layer = (n: number, x: number[]) =>
      linear(
        x,
        given[`channel_add_conv.${n}.weight`],
        given[`channel_add_conv.${n}.bias`],
      );
    const hidden = layer(0, context);
    const mean = sum(hidden) / hidden.length;
    const variance = sum(hidden.map((h) => (h - mean) ** 2)) / hidden.length;
    const normal = hidden.map((h, k) =>
      (h - mean) / Math.sqrt(variance + 1e-5) *
        given["channel_add_conv.1.weight"][k] +
      given["channel_add_conv.1.bias"][k]
    );
    const added = layer(3, normal.map((h) => Math.max(h, 0)));
    return cells.flatMap((cell) => cell.map((v, c) => v + added[c]));
  });
}

/** The block's weights and its map x [B, H, W, C]. */
function inputsOf(shape: readonly number[], x: ArrayLike<number>) {
  const given: Record<string, HostValues> = {
    x: { shape: [...shape], data: x },
  };
  for (const [name, size] of Object.entries(shapesOf(shape[3]))) {
    const count = size.reduce((a, b) => a * b);
    given[name] = {
      shape: size,
      data: wave(count, 1, Object.keys(given).length),
    };
  }
  return given;
}

const numbersOf = (given: Record<string, HostValues>): Numbers =>
  Object.fromEntries(Object.entries(given).map(([k, { data }]) => [k, data]));

const block = ({ x, ...weights }: Record<string, tf.Tensor>) =>
  gcBlock(givenScope(weights), { channels: x.shape[3]! })(x as tf.Tensor4D);

for (
  const [what, shape] of [
    ["maps of two images", [2, 2, 3, 6]],
    ["a single cell", [1, 1, 1, 4]],
    ["one channel", [2, 3, 1, 1]],
  ] as const
) {
  Deno.test(`gcBlock() of ${what} equals plain loops, gradients included`, async () => {
    const [batch, height, width, channels] = shape;
    const size = batch * height * width * channels;
    const factors = wave(size, 1, 3);
    const given = inputsOf(shape, wave(size, 2));
    const numbers = numbersOf(given);
    const products = (numbers: Numbers) =>
      reference(numbers, batch, channels).map((y, i) => y * factors[i]);
    const f = ({ factors, ...given }: Record<string, tf.Tensor>) =>
      tf.mul(block(given), factors);
    const inputs = { ...given, factors: { shape: [...shape], data: factors } };
    const wrt = Object.keys(given);
    for (const [place, found] of await everywhere(f, inputs, wrt)) {
      assertClose(found.value, products(numbers), { ofLargest: 1e-5 }, place);
      for (const name of wrt) {
        const slopes = centralDifferences(
          (data) => sum(products({ ...numbers, [name]: data })),
          numbers[name],
        );
        assertClose(
          found.gradients[name],
          slopes,
          { ofLargest: 1e-5, absolute: 1e-5 },
          `gradient of ${name} on ${place}`,
        );
      }
    }
  });
}

Deno.test("gcBlock() has its value and finite gradients for features of ±1e4", async () => {
  const given = inputsOf(
    [2, 2, 2, 4],
    wave(32, 1).map((v) => v < 0 ? -1e4 : 1e4),
  );
  const expected = reference(numbersOf(given), 2, 4);
  const wrt = Object.keys(given);
  for (const [place, found] of await everywhere(block, given, wrt)) {
    assertClose(found.value, expected, { ofLargest: 1e-5 }, place);
    for (const name of wrt) {
      assert.ok(found.gradients[name].every(Number.isFinite), place);
    }
  }
});

Deno.test("gcBlock() starts as the identity, its parameters named as FGD's reference code does", async () => {
  const { scope, variables: { parameters } } = openScope({ seed: 1 });
  const layer = gcBlock(scope, { channels: 6, suffix: "_t" });
  const expected = Object.entries(shapesOf(6)).map(([name, shape]) =>
    [name.replace(/^(conv_mask|channel_add_conv)/, "$1_t"), shape] as const
  );
  assert.deepEqual(
    [...parameters].map(([name, { shape }]) => [name, shape]),
    expected,
  );
  const x = wave(72, 2);
  const y = tf.tidy(() => layer(tf.tensor4d(x, [2, 2, 3, 6])));
  assertClose(await y.data(), x, {});
  y.dispose();
  tf.dispose([...parameters.values()]);
});

Deno.test("gcBlock() refuses a number of channels that is none", () => {
  const { scope } = openScope({ seed: 1 });
  assert.throws(() => gcBlock(scope, { channels: 0 }), {
    name: "RangeError",
    message: "Cannot make a context block: channels must be a whole " +
      "number, at least 1: current value is 0",
  });
});
