import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import {
  centerSizeToSides,
  sidesToCenterSize,
} from "ldlab/boxes/center_size.ts";
import { generalizedSoftmax } from "ldlab/boxes/distribution.ts";
import {
  distributionToEdge,
  edgeToDistribution,
} from "ldlab/boxes/edge_coding.ts";
import {
  switchToCenterSize,
  switchToSides,
} from "ldlab/boxes/switch_distributions.ts";
import { everywhere } from "../everywhere.ts";
import { centralDifferences, logSoftmax, rows, sum, wave } from "../float64.ts";
import { assertClose } from "../golden.ts";

type Tensors = Record<string, tf.Tensor>;

/** Probabilities of rows of n bins, in float64. */
const probabilities = (z: ArrayLike<number>, n: number) =>
  rows(z, n).map((row) => logSoftmax(row).map(Math.exp));

// Centres on -2 to 2 in steps of 1; sizes on 0 to 12 in steps of 2.
const [m, k] = [5, 7];
const center = { shape: [3, 2, m], data: wave(30, 2) };
const size = { shape: [3, 2, k], data: wave(42, 2, 4) };

Deno.test("switchToSides() follows its definition and its finite differences", async () => {
  const n = m + k - 1;
  /** The probability of every outcome of x and w, put where w / 2 ± x lies. */
  const definition = (zCenter: ArrayLike<number>) => {
    const [x, w] = [probabilities(zCenter, m), probabilities(size.data, k)];
    return [0, 1, 2].flatMap((box) =>
      [-1, 1].flatMap((sign) =>
        [0, 1].flatMap((axis) => {
          const p = Array(n).fill(0);
          for (let i = 0; i < m; i++) {
            for (let j = 0; j < k; j++) {
              const side = j + sign * (i - 2); // steps of 1, from -2
              p[side + 2] += x[2 * box + axis][i] * w[2 * box + axis][j];
            }
          }
          return p;
        })
      )
    );
  };
  const squares = (z: ArrayLike<number>) =>
    sum(definition(z).map((p) => p * p));
  const slopes = centralDifferences(squares, center.data);
  const sides = ({ center, size }: Tensors) =>
    switchToSides({
      center: generalizedSoftmax(center),
      size: generalizedSoftmax(size),
    });
  for (const [place, { value }] of await everywhere(sides, { center, size })) {
    assertClose(value, definition(center.data), { absolute: 1e-6 }, place);
  }
  // The sum of all probabilities has no gradient: weigh them by themselves.
  const f = (given: Tensors) => tf.square(sides(given));
  for (
    const [place, found] of await everywhere(f, { center, size }, ["center"])
  ) {
    assertClose(found.gradients.center, slopes, { absolute: 1e-6 }, place);
  }
});

Deno.test("switchToSides() and switchToCenterSize() switch means as single numbers switch", async () => {
  const f = ({ center, size }: Tensors) => {
    const [p, q] = [center, size].map((z) => generalizedSoftmax(z));
    const sides = switchToSides({ center: p, size: q }); // on -2 to 8
    const back = switchToCenterSize(sides); // centre on ±5, size on -4 to 16
    const values = (
      [x, w]: tf.Tensor[],
      c: number,
      [from, to]: number[],
    ) =>
      tf.concat([
        distributionToEdge(x, { from: -c, to: c }),
        distributionToEdge(w, { from, to }),
      ], -1);
    const given = values([p, q], 2, [0, 12]);
    const switched = distributionToEdge(sides, { from: -2, to: 8 });
    const returned = values([back.center, back.size], 5, [-4, 16]);
    return tf.stack([
      tf.sub(switched, centerSizeToSides(given)),
      tf.sub(sidesToCenterSize(switched), returned),
      tf.sub(returned, given),
    ]);
  };
  for (const [place, { value }] of await everywhere(f, { center, size })) {
    assertClose(value, Array(36).fill(0), { absolute: 1e-5 }, place);
  }
});

Deno.test("switchToSides() undoes switchToCenterSize() where one bin has all the mass", async () => {
  const t = { shape: [2, 4], data: [0, 4, 2, 3, 1, 1, 4, 0] };
  const f = ({ t }: Tensors) => {
    const sides = edgeToDistribution(t, { bins: 5 }); // on 0 to 4
    const back = switchToSides(switchToCenterSize(sides)); // halves, on -2 to 6
    return tf.sub(back, edgeToDistribution(t, { bins: 17, from: -2, to: 6 }));
  };
  for (const [place, { value }] of await everywhere(f, { t })) {
    assert.ok(value.every((difference) => difference === 0), place);
  }
});

Deno.test("switchToSides() and switchToCenterSize() take no rows, one after the other", async () => {
  const sides = { shape: [0, 4, 17], data: [] };
  const f = ({ sides }: Tensors) => switchToSides(switchToCenterSize(sides));
  for (const [place, found] of await everywhere(f, { sides }, ["sides"])) {
    assert.equal(found.value.length, 0, place);
    assert.equal(found.gradients.sides.length, 0, place);
  }
});

Deno.test("switchToSides() and switchToCenterSize() refuse shapes that do not fit", () => {
  assert.throws(() => switchToCenterSize(tf.zeros([7, 17])), {
    name: "TypeError",
    message: "Cannot switch to centre and size: distributions of the sides " +
      "must be [..., 4, n]: current shape is [7, 17]",
  });
  const center = tf.zeros([3, 2, 5]);
  assert.throws(() => switchToSides({ center, size: tf.zeros([3, 4, 5]) }), {
    name: "TypeError",
    message: "Cannot switch to sides: distributions of the size must be " +
      "[..., 2, n]: current shape is [3, 4, 5]",
  });
  assert.throws(() => switchToSides({ center, size: tf.zeros([2, 2, 5]) }), {
    name: "TypeError",
    message: "Cannot switch to sides: distributions of the size must be " +
      "[3, 2, k] as there are centres: current shape is [2, 2, 5]",
  });
});
