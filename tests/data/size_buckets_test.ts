import assert from "node:assert/strict";
import fc from "fast-check";
import { keepRatioSize } from "ldlab/data/keep_ratio.ts";
import {
  drawScale,
  MULTI_SCALE_480_800,
  MULTI_SCALE_480_960,
  SINGLE_SCALE,
} from "ldlab/data/multi_scale.ts";
import { paddedSize } from "ldlab/data/padded_input.ts";
import { bucketOf, sizeBuckets } from "ldlab/data/size_buckets.ts";
import { createRandom } from "ldlab/random/random.ts";

/** The commonest sizes of COCO's images, and a few rare ones. */
const COMMON = [
  [640, 480],
  [480, 640],
  [640, 427],
  [640, 425],
  [427, 640],
  [500, 375],
  [640, 360],
  [612, 612],
  [640, 199],
  [250, 500],
].map(([width, height]) => ({ width, height }));

Deno.test("sizeBuckets() gives one landscape and one portrait shape, by hand", () => {
  const { buckets, wasted } = sizeBuckets(
    [
      { width: 640, height: 480 }, // 1067x800, padded 1088x800
      { width: 640, height: 400 }, // 1280x800
      { width: 400, height: 600 }, // 800x1200, padded 800x1216
      { width: 500, height: 600 }, // 800x960
    ],
    SINGLE_SCALE,
    { most: 2 },
  );
  assert.deepEqual(buckets, [
    { width: 800, height: 1216 },
    { width: 1280, height: 800 },
  ]);
  const images = 1067 + 1280 + 1200 + 960;
  const batches = 2 * 1280 + 2 * 1216;
  assert.ok(Math.abs(wasted - (1 - images / batches)) < 1e-12);
});

Deno.test("sizeBuckets() weighs shapes by their images", () => {
  // 1088x800, 1184x800 and 1344x800: the middle one goes to the rarer of the two.
  const size = (width: number) => ({ width, height: 480 });
  const many = (width: number, count: number) => Array(count).fill(size(width));
  const middle = (narrow: number, wide: number) =>
    sizeBuckets(
      [...many(640, narrow), ...many(704, 10), ...many(796, wide)],
      SINGLE_SCALE,
      { most: 2 },
    ).buckets[0].width;
  assert.equal(middle(100, 1), 1088);
  assert.equal(middle(1, 100), 1184);
});

Deno.test("sizeBuckets() holds every image at every scale that is drawn", () => {
  const side = fc.integer({ min: 60, max: 900 });
  const images = fc.array(fc.record({ width: side, height: side }), {
    minLength: 1,
    maxLength: 30,
  });
  fc.assert(
    fc.property(
      images,
      fc.integer({ min: 1, max: 5 }),
      fc.nat(),
      (images, most, seed) => {
        for (const multiScale of [MULTI_SCALE_480_800, SINGLE_SCALE]) {
          const { buckets, wasted } = sizeBuckets(images, multiScale, { most });
          assert.ok(buckets.length >= 1 && buckets.length <= most);
          assert.ok(wasted >= 0 && wasted < 1);
          for (const { width, height } of buckets) {
            assert.deepEqual(paddedSize({ width, height }), { width, height });
          }
          for (const [index, image] of images.entries()) {
            const scale = drawScale(createRandom(seed, index), multiScale);
            bucketOf(keepRatioSize(image, scale), buckets);
          }
        }
      },
    ),
    { seed: 6, numRuns: 60 },
  );
});

Deno.test("sizeBuckets() leaves padded sizes as they are where all may stay", () => {
  const { buckets, wasted } = sizeBuckets(COMMON, SINGLE_SCALE, { most: 99 });
  const [own, padded] = [new Set<string>(), [0, 0]];
  for (const image of COMMON) {
    const resized = keepRatioSize(image, [1333, 800]);
    const { width, height } = paddedSize(resized);
    own.add(`${width}x${height}`);
    padded[0] += resized.width * resized.height;
    padded[1] += width * height;
  }
  assert.deepEqual(
    new Set(buckets.map(({ width, height }) => `${width}x${height}`)),
    own,
  );
  assert.ok(Math.abs(wasted - (1 - padded[0] / padded[1])) < 1e-12);
});

Deno.test("sizeBuckets() wastes less the more buckets there may be", () => {
  for (const multiScale of [SINGLE_SCALE, MULTI_SCALE_480_960]) {
    const wasted = [1, 2, 4, 8].map((most) =>
      sizeBuckets(COMMON, multiScale, { most }).wasted
    );
    for (const [at, value] of wasted.slice(1).entries()) {
      assert.ok(value < wasted[at], `${wasted}`);
    }
  }
});

Deno.test("sizeBuckets() and bucketOf() fail when there is nothing that fits", () => {
  assert.throws(() => sizeBuckets([], SINGLE_SCALE), {
    name: "RangeError",
    message: /at least one image/,
  });
  for (const most of [0, 1.5]) {
    assert.throws(() => sizeBuckets(COMMON, SINGLE_SCALE, { most }), {
      name: "RangeError",
      message: /most must be a positive integer/,
    });
  }
  assert.throws(
    () =>
      bucketOf({ width: 801, height: 900 }, [
        { width: 800, height: 1344 },
        { width: 1344, height: 800 },
      ]),
    {
      name: "RangeError",
      message:
        /one of \[800x1344, 1344x800\]: current size is 801x900\. Make the buckets/,
    },
  );
});
