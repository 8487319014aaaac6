import assert from "node:assert/strict";
import { upsampleJpeg } from "ldlab/data/jpeg_upsample.ts";

const samples = (width: number, ...data: number[]) => ({
  data: Uint8ClampedArray.from(data),
  stride: width,
  width,
  height: data.length / width,
});

Deno.test("upsampleJpeg() weighs the nearest 3 to 1 along an axis of half the samples", () => {
  // Across, of a and the next b: (3a + b + 1) >> 2 to the left, + 2 to the
  // right; the ends stay. 30, 10, 20 and the middle pairs by hand.
  assert.deepEqual(
    [...upsampleJpeg(samples(3, 30, 10, 20), 2, 1, 6, 1)],
    [30, (90 + 10 + 2) >> 2, (30 + 30 + 1) >> 2, (30 + 20 + 2) >> 2, 17, 20],
  );
  // Down: + 1 above, + 2 below, and rows beyond the ends are the last ones.
  assert.deepEqual(
    [...upsampleJpeg(samples(1, 30, 10), 1, 2, 1, 4)],
    [30, (90 + 10 + 2) >> 2, (30 + 30 + 1) >> 2, 10],
  );
});

Deno.test("upsampleJpeg() weighs 9, 3, 3, 1 where both axes have half the samples", () => {
  // Rows 0 16 32 and 64 80 96: the corner stays, right of it 3/4 of 0, 1/4 of 16.
  const image = upsampleJpeg(samples(3, 0, 16, 32, 64, 80, 96), 2, 2, 6, 4);
  assert.deepEqual([...image.slice(0, 3)], [0, 4, 12]);
  // (9 × 0 + 3 × 16 + 3 × 64 + 80 + 7) >> 4
  assert.equal(image[6 + 1], 20);
});

Deno.test("upsampleJpeg() repeats samples at other ratios and in narrow channels", () => {
  assert.deepEqual(
    [...upsampleJpeg(samples(2, 1, 9), 2, 1, 4, 1)],
    [1, 1, 9, 9],
  );
  assert.deepEqual(
    [...upsampleJpeg(samples(3, 1, 9, 5), 3, 2, 8, 2)],
    [1, 1, 1, 9, 9, 9, 5, 5, 1, 1, 1, 9, 9, 9, 5, 5],
  );
});
