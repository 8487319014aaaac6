import assert from "node:assert/strict";
import { keepImages } from "ldlab/data/kept_images.ts";

Deno.test("keepImages() keeps what fits into its memory, all images together", async () => {
  const made: number[] = [];
  const images = keepImages((index) => {
    made.push(index);
    const data = new Uint8Array(3 * (index + 1)).fill(index);
    return Promise.resolve({ width: index + 1, height: 1, data });
  }, 9);
  // 0 and 1 take all 9 bytes, 2 has no place, though it alone had.
  for (const index of [0, 1, 2, 0, 1, 2]) {
    assert.equal((await images.get(index)).data[0], index);
  }
  assert.deepEqual(made, [0, 1, 2, 2]);
});

Deno.test("keepImages() keeps a small image after one that had no place", async () => {
  const made: number[] = [];
  const images = keepImages((index) => {
    made.push(index);
    const data = new Uint8Array(index);
    return Promise.resolve({ width: index, height: 1, data });
  }, 6);
  for (const index of [9, 3, 9, 3]) await images.get(index);
  assert.deepEqual(made, [9, 3, 9]);
});
