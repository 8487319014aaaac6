import "@tensorflow/tfjs"; // registers the pure JS backend
import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { matchWeights } from "ldlab/detectors/match_weights.ts";
import {
  exportWeights,
  loadMatchingWeights,
  loadWeights,
} from "ldlab/detectors/weights.ts";
import { openEngine } from "ldlab/engine/open_engine.ts";

const engine = await openEngine({ backend: "tensorflow" });

/** A network of variables of these shapes, all zero. */
function network(shapes: Record<string, number[]>) {
  const parameters = new Map(
    Object.entries(shapes).map(([name, shape]): [string, tf.Variable] => [
      name,
      tf.tidy(() => tf.variable(tf.zeros(shape))),
    ]),
  );
  return {
    parameters,
    buffers: new Map<string, tf.Variable>(),
    dispose: () => tf.dispose([...parameters.values()]),
  };
}

const filled = (shape: number[], value = 1) => ({
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value),
});

for (const backend of ["cpu", "tensorflow"]) {
  Deno.test(`loadWeights() and exportWeights() move filters between [o, i, kh, kw] and [kh, kw, i, o] bit by bit on ${backend}`, async () => {
    await tf.setBackend(backend);
    const [kh, kw, i, o] = [2, 3, 4, 5];
    const conv = network({ w: [kh, kw, i, o], b: [o] });
    const bits = Uint32Array.from(
      { length: kh * kw * i * o },
      (_, at) => at * 7,
    );
    // Subnormal numbers, infinity, a NaN and both zeros among them
    bits.set([0x7f800000, 0x7fc00000, 0x80000000, 0]);
    const data = new Float32Array(bits.buffer);
    const b = filled([o], 0.1);
    const weights = new Map([["w", { shape: [o, i, kh, kw], data }], ["b", b]]);
    loadWeights(conv, weights);
    const inside = (await conv.parameters.get("w")!.data()).slice();
    const insideBits = new Uint32Array(inside.buffer);
    for (let at = 0; at < bits.length; at++) {
      // The place `at` of [o, i, kh, kw], taken apart
      const x = at % kw;
      const y = Math.floor(at / kw) % kh;
      const from = Math.floor(at / (kw * kh)) % i;
      const to = Math.floor(at / (kw * kh * i));
      const there = ((y * kw + x) * i + from) * o + to;
      assert.equal(insideBits[there], bits[at], `${[to, from, y, x]}`);
    }
    const back = await exportWeights(conv);
    assert.deepEqual(back.get("w")!.shape, [o, i, kh, kw]);
    assert.deepEqual(new Uint32Array(back.get("w")!.data.buffer), bits);
    assert.deepEqual(back.get("b")!.data, b.data);
    conv.dispose();
    await tf.setBackend("tensorflow");
  });
}

Deno.test("matchWeights() puts every name into one list", () => {
  const net = network({
    conv: [3, 3, 4, 8],
    fits: [2],
    narrow: [2],
    lost: [1],
  });
  const file = {
    "fits": filled([2]),
    "narrow": filled([3]),
    "conv": filled([3, 3, 4, 8]), // as it lies here, not as in PyTorch
    "new": filled([1]),
    "bn.num_batches_tracked": filled([]),
    "bbox_head.integral.project": filled([17]),
  };
  assert.deepEqual(matchWeights(net, new Map(Object.entries(file))), {
    matched: ["fits"],
    missing: ["lost"],
    extra: ["new"],
    misshaped: [
      { name: "conv", expected: [8, 4, 3, 3], actual: [3, 3, 4, 8] },
      { name: "narrow", expected: [2], actual: [3] },
    ],
  });
  net.dispose();
});

Deno.test("loadWeights() counts what is missing or extra, and loads nothing then", async () => {
  const net = network({ a: [1], b: [1], c: [1], d: [1], e: [1] });
  const none = new Map([["e", filled([1])]]);
  assert.throws(() => loadWeights(net, none), {
    name: "RangeError",
    message:
      "Cannot load weights: 'a', 'b', 'c' and 1 more are missing among 1 tensors",
  });
  const more = new Map(
    [..."abcdefg"].map((name) => [name, filled([1])]),
  );
  assert.throws(() => loadWeights(net, more), {
    name: "RangeError",
    message: "Cannot load weights: the network has no 'f', 'g'",
  });
  for (const variable of net.parameters.values()) {
    assert.deepEqual([...await variable.data()], [0]);
  }
  net.dispose();
});

Deno.test("loadMatchingWeights() loads what fits, leaves the rest, and says which", async () => {
  const before = engine.memory();
  const net = network({
    "backbone.a": [2],
    "head.cls.w": [3],
    "head.reg.w": [1],
  });
  const file = new Map([
    ["backbone.a", filled([2], 5)],
    ["head.cls.w", filled([80])],
    ["fc.w", filled([9])],
  ]);
  assert.throws(() => loadMatchingWeights(net, file), {
    name: "TypeError",
    message:
      "Cannot load weights: 'head.cls.w' must be [3]: current shape is [80]",
  });
  const value = async (
    name: string,
  ) => [...await net.parameters.get(name)!.data()];
  assert.deepEqual(await value("backbone.a"), [0, 0]);
  // The name of a layer, not of all that begin like it
  assert.throws(
    () => loadMatchingWeights(net, file, { mayDiffer: ["head.cl"] }),
    TypeError,
  );
  const match = loadMatchingWeights(net, file, { mayDiffer: ["head.cls"] });
  assert.deepEqual(match.missing, ["head.reg.w"]);
  assert.deepEqual(match.extra, ["fc.w"]);
  assert.deepEqual(match.misshaped.map(({ name }) => name), ["head.cls.w"]);
  assert.deepEqual(await value("backbone.a"), [5, 5]);
  assert.deepEqual(await value("head.cls.w"), [0, 0, 0]);
  net.dispose();
  assert.deepEqual(engine.memory(), before);
});

Deno.test("loadMatchingWeights() refuses a file of which nothing fits", () => {
  const net = network({ "backbone.a": [1] });
  assert.throws(
    () => loadMatchingWeights(net, new Map([["a", filled([1])]])),
    /^RangeError: Cannot load weights: the network has 'backbone\.a', none of which is among 'a'/,
  );
  net.dispose();
});
