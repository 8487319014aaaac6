import assert from "node:assert/strict";
import { spread } from "ldlab/report/spread.ts";

Deno.test("spread() gives the sample deviation of several values", () => {
  // numpy.std([2, 4, 4, 4, 5, 5, 7, 9], ddof=1) = 2.138089935299395
  const { mean, deviation, values } = spread([2, 4, 4, 4, 5, 5, 7, 9]);
  assert.equal(mean, 5);
  assert.ok(Math.abs(deviation! - 2.138089935299395) < 1e-15);
  assert.equal(values.length, 8);
});

Deno.test("spread() leaves the deviation of one value unknown", () => {
  assert.deepEqual(spread([38.8]), {
    mean: 38.8,
    deviation: null,
    values: [38.8],
  });
});

Deno.test("spread() refuses no values and values that are not finite", () => {
  assert.throws(() => spread([]), RangeError);
  assert.throws(
    () => spread([1, NaN]),
    { name: "RangeError", message: /current values are \[1, NaN\]/ },
  );
});
