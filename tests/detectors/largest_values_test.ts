import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { largestValues } from "ldlab/detectors/largest_values.ts";
import { everywhere } from "../everywhere.ts";

Deno.test("largestValues() sorts the largest of each row, the first of equal ones", async () => {
  const x = { shape: [2, 4], data: [1, 5, 2, 5, -3, -3, -3, -9] };
  const weights = { shape: [2, 3], data: [1, 2, 3, 4, 5, 6] };
  const f = (given: Record<string, tf.Tensor>) =>
    tf.mul(largestValues(given.x, 3), given.weights);
  for (const [place, found] of await everywhere(f, { x, weights }, ["x"])) {
    // Sorted by hand: 5, 5, 2 and −3, −3, −3, times the weights.
    assert.deepEqual([...found.value], [5, 10, 6, -12, -15, -18], place);
    assert.deepEqual(
      [...found.gradients.x],
      [0, 1, 3, 2, 4, 5, 6, 0],
      place,
    );
  }
});

Deno.test("largestValues() takes all values, of one too", async () => {
  for (const count of [1, 3]) {
    const x = { shape: [2, count], data: [3, 2, 1, 6, 5, 4].slice(-2 * count) };
    const f = (given: Record<string, tf.Tensor>) =>
      largestValues(given.x, count);
    for (const [place, found] of await everywhere(f, { x }, ["x"])) {
      assert.deepEqual([...found.value], x.data, place);
      assert.ok(found.gradients.x.every((g) => g === 1), place);
    }
  }
});

Deno.test("largestValues() refuses counts outside the row", () => {
  for (const count of [0, 4, 1.5]) {
    assert.throws(
      () => tf.tidy(() => largestValues(tf.zeros([2, 3]), count)),
      /^RangeError: Cannot take the largest values: count must be a whole number from 1 to 3: current value is (0|4|1\.5)$/,
    );
  }
});
