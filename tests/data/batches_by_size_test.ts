import assert from "node:assert/strict";
import fc from "fast-check";
import { batchesBySize } from "ldlab/data/batches_by_size.ts";

const size = (width: number, height: number) => ({ width, height });
const [small, wide, tall] = [size(32, 32), size(64, 32), size(32, 64)];
const buckets = [small, wide, tall];

Deno.test("batchesBySize() completes batches in order and groups what is left, by hand", () => {
  const drawn = [
    ...[wide, tall, wide, size(40, 30), tall], // 0 to 4
    ...[size(20, 50), small, wide, tall, wide], // 5 to 9
  ];
  // 0, 2, 3 and 1, 4, 5 are complete. Of what is left, 6 | 7, 9 | 8, the last is
  // dropped; `wide` holds two of the others, as many as `tall`.
  assert.deepEqual(batchesBySize(drawn, buckets, 3), [
    { size: wide, positions: [0, 2, 3] },
    { size: tall, positions: [1, 4, 5] },
    { size: wide, positions: [6, 7, 8] },
  ]);
});

Deno.test("batchesBySize() with one size gives slices of the epoch's order", () => {
  const drawn = Array(7).fill(small);
  assert.deepEqual(batchesBySize(drawn, [small], 3), [
    { size: small, positions: [0, 1, 2] },
    { size: small, positions: [3, 4, 5] },
  ]);
  assert.deepEqual(batchesBySize([], [small], 3), []);
});

Deno.test("batchesBySize() places each position once, drops fewer than a batch, and mixes few", () => {
  const drawnSizes = fc.array(
    fc.record({
      width: fc.integer({ min: 1, max: 64 }),
      height: fc.integer({ min: 1, max: 64 }),
    }).filter((image) => image.width <= 32 || image.height <= 32),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(drawnSizes, fc.integer({ min: 1, max: 7 }), (drawn, count) => {
      const batches = batchesBySize(drawn, buckets, count);
      assert.equal(batches.length, Math.floor(drawn.length / count));
      const placed = batches.flatMap(({ positions }) => positions);
      assert.equal(placed.length, batches.length * count);
      assert.equal(new Set(placed).size, placed.length);
      const fits = ({ size, positions }: typeof batches[number]) =>
        positions.filter((at) =>
          drawn[at].width <= size.width && drawn[at].height <= size.height
        ).length;
      const mixed = batches.filter((batch) => fits(batch) < count);
      assert.ok(mixed.length < buckets.length);
      for (const batch of mixed) {
        for (const other of buckets) {
          assert.ok(fits({ ...batch, size: other }) <= fits(batch));
        }
      }
    }),
  );
});

Deno.test("batchesBySize() fails when no bucket holds an image", () => {
  assert.throws(() => batchesBySize([size(33, 33)], buckets, 1), {
    name: "RangeError",
    message: /current size is 33x33/,
  });
});
