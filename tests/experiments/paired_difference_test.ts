import assert from "node:assert/strict";
import { pairedDifference } from "../../experiments/paired_difference.ts";

Deno.test("pairedDifference() is the textbook's interval when seeds differ", () => {
  // By hand: differences 1.1, 2.3, 1.6, 3.0, mean 2; squares about it
  // .81 + .09 + .16 + 1 = 2.06; deviation √(2.06 / 3); t(3) = 3.182.
  const { mean, standardError, halfWidth } = pairedDifference(
    [41.1, 42.3, 41.6, 43.0],
    [40, 40, 40, 40],
  );
  const error = Math.sqrt(2.06 / 3) / 2;
  assert.ok(Math.abs(mean - 2) < 1e-9);
  assert.ok(Math.abs(standardError! - error) < 1e-9);
  assert.ok(Math.abs(halfWidth! - 3.182 * error) < 1e-9);
});

Deno.test("pairedDifference() claims no interval when there is one seed", () => {
  assert.deepEqual(pairedDifference([41], [40]), {
    mean: 1,
    standardError: null,
    halfWidth: null,
  });
});

Deno.test("pairedDifference() throws when the seeds are not the same number", () => {
  assert.throws(() => pairedDifference([1, 2], [1]), RangeError);
  assert.throws(() => pairedDifference([], []), RangeError);
});
