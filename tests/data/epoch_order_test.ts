import assert from "node:assert/strict";
import { epochOrder } from "ldlab/data/epoch_order.ts";

Deno.test("epochOrder() is a permutation that seed and epoch change", () => {
  const order = epochOrder(3, 0, 292);
  assert.deepEqual(
    [...order].sort((a, b) => a - b),
    Array.from({ length: 292 }, (_, index) => index),
  );
  assert.deepEqual(epochOrder(3, 0, 292), order);
  assert.notDeepEqual(epochOrder(3, 1, 292), order);
  assert.notDeepEqual(epochOrder(4, 0, 292), order);
});

Deno.test("epochOrder() draws each of the 24 orders of four equally often", () => {
  const counts = new Map<string, number>();
  const draws = 24_000;
  for (let epoch = 0; epoch < draws; epoch++) {
    const order = epochOrder(1, epoch, 4).join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.equal(counts.size, 24);
  const chi = counts.values().reduce(
    (sum, count) => sum + (count - 1000) ** 2 / 1000,
    0,
  );
  // 23 degrees of freedom: 99.9 % quantile 49.7, 0.1 % quantile 7.53.
  assert.ok(chi > 7.53 && chi < 49.7, `chi-square is ${chi}`);
});

Deno.test("epochOrder() of no or one sample is trivial", () => {
  assert.deepEqual([...epochOrder(1, 0, 0)], []);
  assert.deepEqual([...epochOrder(1, 0, 1)], [0]);
});
