import assert from "node:assert/strict";
import { averagePrecision } from "ldlab/eval/average_precision.ts";
import { assertClose } from "../golden.ts";

// Expected values by hand from VOC's definitions; evaluateVoc's tests compare
// with mmdet.

Deno.test("averagePrecision() takes the largest precision at a recall or beyond it", () => {
  // Wrong, right, right, wrong of two boxes: 2/3 everywhere.
  const [recalls, precisions] = [[0, 0.5, 1, 1], [0, 1 / 2, 2 / 3, 1 / 2]];
  for (const way of ["11points", "area"] as const) {
    assertClose([averagePrecision(recalls, precisions, way)], [2 / 3], {
      absolute: 1e-12,
    });
  }
});

Deno.test("averagePrecision() samples at NumPy's multiples of 0.1", () => {
  // Below 0.3 three samples of precision 1; 0.1 * 3 is just above 0.3.
  assertClose([averagePrecision([3 / 10], [1], "11points")], [3 / 11], {
    absolute: 1e-12,
  });
  assertClose([averagePrecision([4 / 10], [1], "11points")], [5 / 11], {
    absolute: 1e-12,
  });
});

Deno.test("averagePrecision() is 0 when there are no detections", () => {
  assert.equal(averagePrecision([], [], "11points"), 0);
  assert.equal(averagePrecision([], [], "area"), 0);
});

Deno.test("averagePrecision() rejects arrays of different length and other ways", () => {
  assert.throws(() => averagePrecision([1], [], "area"), TypeError);
  assert.throws(
    () => averagePrecision([1], [1], "101points" as "area"),
    RangeError,
  );
});
