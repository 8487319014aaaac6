import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { edgeEntropy, edgeSharpness } from "ldlab/boxes/edge_entropy.ts";
import { everywhere } from "../everywhere.ts";
import { centralDifferences, logSoftmax, rows, sum, wave } from "../float64.ts";
import { assertClose } from "../golden.ts";

type Tensors = Record<string, tf.Tensor>;

/** The entropy of each row of n logits, from its definition. */
function entropies(z: ArrayLike<number>, n: number, tau: number): number[] {
  return rows(z, n).map((row) =>
    -sum(logSoftmax(row.map((x) => x / tau)).map((p) => p * Math.exp(p)))
  );
}

for (const tau of [0.1, 1, 10, 100]) {
  Deno.test(`edgeEntropy() and edgeSharpness() at τ = ${tau} follow their definition and its finite differences`, async () => {
    const z = { shape: [2, 3, 7], data: wave(42, 3) };
    const given = { z, tau: { shape: [], data: [tau] } };
    const entropy = (z: ArrayLike<number>) => entropies(z, 7, tau);
    const sharpness = (z: ArrayLike<number>) =>
      entropy(z).map((h) => 1 - h / Math.log(7));
    for (
      const [f, definition] of [
        [edgeEntropy, entropy],
        [edgeSharpness, sharpness],
      ] as const
    ) {
      const slopes = centralDifferences((z) => sum(definition(z)), z.data);
      const run = ({ z, tau }: Tensors) => f(z, { temperature: tau });
      for (const [place, found] of await everywhere(run, given, ["z"])) {
        const what = `${f.name} on ${place}`;
        assertClose(found.value, definition(z.data), { absolute: 2e-6 }, what);
        const bound = { ofLargest: 1e-5, absolute: 1e-6 };
        assertClose(found.gradients.z, slopes, bound, what);
      }
    }
  });
}

Deno.test("edgeSharpness() goes from 0, flat, to 1, one bin, also at logits of ±1e4", async () => {
  // deno-fmt-ignore
  const z = { shape: [4, 3], data: [
    1e4, 1e4, 1e4,  1e4, -1e4, 0,  -1e4, -1e4, -1e4,  1e4, 1e4, -1e4 ] };
  const f = ({ z }: Tensors) => edgeSharpness(z);
  for (const [place, found] of await everywhere(f, { z }, ["z"])) {
    // By hand: the last has two bins of three.
    const expected = [0, 1, 0, 1 - Math.LN2 / Math.log(3)];
    assertClose(found.value, expected, { absolute: 1e-6 }, place);
    assert.ok(found.gradients.z.every(Number.isFinite), place);
  }
});

Deno.test("edgeEntropy() and edgeSharpness() take one bin and no rows", async () => {
  const one = { shape: [2, 1], data: [3, -1e4] };
  const none = { shape: [0, 4, 17], data: [] };
  for (
    const [f, z, expected] of [
      [edgeEntropy, one, [0, 0]],
      [edgeSharpness, one, [1, 1]],
      [edgeEntropy, none, []],
      [edgeSharpness, none, []],
    ] as const
  ) {
    const run = ({ z }: Tensors) => f(z);
    for (const [place, found] of await everywhere(run, { z }, ["z"])) {
      assertClose(found.value, expected, { absolute: 0 }, place);
      assert.ok(found.gradients.z.every((slope) => slope === 0), place);
    }
  }
});

Deno.test("edgeEntropy() and edgeSharpness() refuse what has no bins and a τ that is not above 0", () => {
  assert.throws(() => edgeEntropy(tf.scalar(1)), {
    name: "TypeError",
    message: "Cannot compute the entropy of edges: logits must be [..., n]: " +
      "current shape is []",
  });
  assert.throws(() => edgeSharpness(tf.zeros([3]), { temperature: 0 }), {
    name: "RangeError",
    message: "Cannot compute the sharpness of edges: temperature must be a " +
      "finite number above 0: current value is 0",
  });
});
