import assert from "node:assert/strict";
import {
  cosineSchedule,
  linearWarmup,
  publishedRate,
  stepSchedule,
} from "ldlab/train/schedules.ts";
import { assertClose } from "../golden.ts";

Deno.test("stepSchedule() with linearWarmup() is the published 1x schedule", () => {
  // By hand from mmcv's rule: base · (1 − (1 − it/500)·(1 − 0.001)) before 500.
  const epoch = 1000;
  const rate = linearWarmup(stepSchedule(0.01, [8 * epoch, 11 * epoch]), {
    iterations: 500,
    start: 0.001,
  });
  const at = [0, 250, 499, 500, 7999, 8000, 10999, 11000];
  assertClose(
    at.map(rate),
    [1e-5, 0.005005, 0.00998002, 0.01, 0.01, 0.001, 0.001, 0.0001],
    { relative: 1e-12 },
  );
});

Deno.test("cosineSchedule() with linearWarmup() is the small scale's recipe", () => {
  const [base, total] = [4e-3, 216];
  const rate = linearWarmup(cosineSchedule(base, total), {
    iterations: 49,
    start: 1 / 50,
  });
  for (let it = 0; it < total; it++) {
    const recipe = base * Math.min(1, (it + 1) / 50) *
      0.5 * (1 + Math.cos(Math.PI * it / total));
    assertClose([rate(it)], [recipe], { relative: 1e-12 }, `iteration ${it}`);
  }
});

Deno.test("publishedRate() is 0.01 for 8 × 2 images and 0.00375 for 2 × 3", () => {
  assert.equal(publishedRate(16), 0.01);
  assert.equal(publishedRate(6), 0.00375);
  assert.throws(() => publishedRate(0), /RangeError.*batch.*0/);
});

Deno.test("schedules refuse values out of their range", () => {
  const constant = stepSchedule(1, []);
  assert.throws(() => stepSchedule(0, []), /RangeError.*base rate/);
  assert.throws(() => stepSchedule(1, [5, 5]), /RangeError.*5,5/);
  assert.throws(() => stepSchedule(1, [5], 0), /RangeError.*factor/);
  assert.throws(() => cosineSchedule(NaN, 5), /RangeError.*NaN/);
  assert.throws(() => cosineSchedule(1, 0), /RangeError.*total/);
  assert.throws(
    () => linearWarmup(constant, { iterations: 0, start: 1 }),
    /RangeError.*iterations/,
  );
  assert.throws(
    () => linearWarmup(constant, { iterations: 5, start: 0 }),
    /RangeError.*start/,
  );
});
