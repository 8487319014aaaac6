import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import assert from "node:assert/strict";
import {
  distributionToEdge,
  edgeToDistribution,
} from "ldlab/boxes/edge_coding.ts";
import { distributionFocalLoss } from "ldlab/losses/dfl.ts";
import { softmaxCrossEntropy } from "ldlab/losses/softmax_cross_entropy.ts";
import { everywhere } from "../everywhere.ts";
import { sum, wave } from "../float64.ts";
import { assertClose } from "../golden.ts";

type Tensors = Record<string, tf.Tensor>;

/** A support, its bins and a position inside. */
const inRange = fc.record({
  bins: fc.integer({ min: 2, max: 33 }),
  from: fc.double({ min: -20, max: 20, noNaN: true }),
  width: fc.double({ min: 0.1, max: 40, noNaN: true }),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
});

Deno.test("distributionToEdge() undoes edgeToDistribution() inside the range", () => {
  fc.assert(
    fc.property(inRange, ({ bins, from, width, share }) => {
      const options = { bins, from, to: from + width };
      const position = from + share * width;
      const [p, back] = tf.tidy(() => {
        const p = edgeToDistribution(tf.tensor1d([position]), options);
        return [p.dataSync(), distributionToEdge(p, options).dataSync()];
      });
      assertClose(back, [position], { absolute: 1e-4 });
      assertClose([sum(p)], [1], { absolute: 1e-5 });
      // All mass on the two bins around the position.
      assert.ok(
        p.every((mass, i) =>
          mass === 0 || Math.abs(share * (bins - 1) - i) < 1 + 1e-4
        ),
      );
    }),
    { seed: 1 },
  );
});

Deno.test("edgeToDistribution() takes what is beyond the range as its end, with no gradient", async () => {
  const t = { shape: [2, 2], data: [-1, 0.5, 1.75, 9] };
  const f = ({ t }: Tensors) =>
    // Weighed by their squares, for the sum of all bins has no gradient.
    tf.mul(edgeToDistribution(t, { bins: 3 }), tf.tensor1d([0, 1, 4]));
  for (const [place, found] of await everywhere(f, { t }, ["t"])) {
    // By hand: bins 0; 0 and 1; 1 and 2; 2.
    // deno-fmt-ignore
    const expected = [0, 0, 0,  0, 0.5, 0,  0, 0.25, 3,  0, 0, 4];
    assert.deepEqual([...found.value], expected, place);
    assert.deepEqual([...found.gradients.t], [0, 1, 3, 0], place);
  }
});

Deno.test("edgeToDistribution() is the target of DFL", async () => {
  const z = { shape: [5, 9], data: wave(45, 3) };
  const t = { shape: [5], data: [0, 0.25, 3.5, 7.875, 8] };
  const f = ({ z, t }: Tensors) =>
    tf.sub(
      distributionFocalLoss(z, t),
      softmaxCrossEntropy(z, edgeToDistribution(t, { bins: 9 })),
    );
  for (const [place, { value }] of await everywhere(f, { z, t })) {
    assertClose(value, Array(5).fill(0), { absolute: 1e-6 }, place);
  }
});

Deno.test("edgeToDistribution() and distributionToEdge() take no rows, and one bin", async () => {
  const none = { shape: [0, 4], data: [] };
  const f = ({ t }: Tensors) =>
    distributionToEdge(edgeToDistribution(t, { bins: 17 }));
  for (const [place, found] of await everywhere(f, { t: none }, ["t"])) {
    assert.equal(found.value.length, 0, place);
  }
  const t = { shape: [2], data: [-3, 7] };
  const one = ({ t }: Tensors) => edgeToDistribution(t, { bins: 1, from: 3 });
  for (const [place, found] of await everywhere(one, { t }, ["t"])) {
    assert.deepEqual([...found.value], [1, 1], place);
  }
});

Deno.test("edgeToDistribution() and distributionToEdge() refuse what has no bins", () => {
  for (const bins of [0, 1.5, NaN]) {
    assert.throws(() => edgeToDistribution(tf.zeros([3]), { bins }), {
      name: "RangeError",
      message: "Cannot encode edges: bins must be a whole number above 0: " +
        `current value is ${bins}`,
    });
  }
  assert.throws(() => distributionToEdge(tf.scalar(1)), {
    name: "TypeError",
    message: "Cannot decode edges: probabilities must be [..., n]: current " +
      "shape is []",
  });
});
