import assert from "node:assert/strict";
import { median, quantile } from "../../bench/statistics.ts";

Deno.test("quantile() lies between the two nearest values", () => {
  // numpy.quantile([1, 2, 4, 8, 16, 32], [0, .25, .5, .75, 1])
  const values = [8, 1, 32, 4, 2, 16];
  assert.deepEqual(
    [0, 0.25, 0.5, 0.75, 1].map((share) => quantile(values, share)),
    [1, 2.5, 6, 14, 32],
  );
  assert.deepEqual(values, [8, 1, 32, 4, 2, 16]); // stays as it was
});

Deno.test("median() takes the middle, whatever the ends are", () => {
  assert.equal(median([3]), 3);
  assert.equal(median([5, 1e9, 4]), 5);
});

Deno.test("quantile() refuses no values and values that are not finite", () => {
  assert.throws(() => quantile([], 0.5), RangeError);
  assert.throws(() => median([1, NaN]), {
    name: "RangeError",
    message: /current values are \[1, NaN\]/,
  });
});
