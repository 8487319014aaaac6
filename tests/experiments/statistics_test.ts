import assert from "node:assert/strict";
import { summarize } from "../../experiments/statistics.ts";

Deno.test("summarize() agrees with the textbook formulas when seeds differ", () => {
  // By hand: mean 41, squares .81 + .09 + .16 + 1 = 2.06, deviation sqrt(2.06 / 3),
  // interval 41 ± 3.182 * .8287 / 2.
  const { count, mean, deviation, standardError, halfWidth } = summarize([
    40.1,
    41.3,
    40.6,
    42.0,
  ]);
  assert.equal(count, 4);
  assert.ok(Math.abs(mean - 41) < 1e-12);
  assert.ok(Math.abs(deviation - Math.sqrt(2.06 / 3)) < 1e-12);
  assert.ok(Math.abs(standardError - deviation / 2) < 1e-12);
  assert.ok(Math.abs(halfWidth - 3.182 * standardError) < 1e-12);
});

Deno.test("summarize() claims no spread when there is one seed", () => {
  const { mean, deviation, halfWidth } = summarize([40.1]);
  assert.equal(mean, 40.1);
  assert.ok(Number.isNaN(deviation) && Number.isNaN(halfWidth));
});

Deno.test("summarize() throws when there is no value", () => {
  assert.throws(() => summarize([]), RangeError);
});
