import assert from "node:assert/strict";
import { cocoOverlaps, matchDetections } from "ldlab/eval/coco_matching.ts";

/** Boxes of one class; scores fall in the order of the detections. */
function pairOf(
  { truths, found, crowd }: {
    truths: number[][];
    found: number[][];
    crowd?: number[];
  },
) {
  return {
    truths: Float64Array.from(truths.flat()),
    areas: Float64Array.from(
      truths,
      ([x1, y1, x2, y2]) => (x2 - x1) * (y2 - y1),
    ),
    crowd: Uint8Array.from(crowd ?? truths.map(() => 0)),
    found: Float64Array.from(found.flat()),
    scores: Float64Array.from(found, (_, d) => 1 - d / 100),
  };
}

// The expected matches are read off evaluateImg of pycocotools 2.0.11 by hand.

Deno.test("matchDetections() takes the last box when overlaps are equal", () => {
  const pair = pairOf({
    truths: [[0, 0, 10, 10], [10, 0, 20, 10]],
    found: [[5, 0, 15, 10], [0, 0, 10, 10]], // IoU 1/3 with both; 1 with the first
  });
  const { matched } = matchDetections(pair, cocoOverlaps(pair), {
    iouThresholds: [0.3],
    areaRange: [0, 1e10],
  });
  assert.deepEqual([...matched], [1, 1]);
});

Deno.test("matchDetections() prefers a box that counts when a crowd overlaps more", () => {
  const pair = pairOf({
    truths: [[0, 0, 100, 100], [0, 0, 10, 6]],
    crowd: [1, 0],
    found: [[0, 0, 10, 10], [0, 0, 10, 10], [0, 0, 10, 10]],
  });
  const overlaps = cocoOverlaps(pair);
  assert.deepEqual([...overlaps.subarray(0, 2)], [1, 0.6]);
  const { matched, ignored, positives } = matchDetections(pair, overlaps, {
    iouThresholds: [0.5],
    areaRange: [0, 1e10],
  });
  assert.deepEqual([...matched], [1, 1, 1]);
  assert.deepEqual([...ignored], [0, 1, 1]); // the others go to the crowd
  assert.equal(positives, 1);
});

Deno.test("matchDetections() ignores what lies outside the range of areas", () => {
  const pair = pairOf({
    truths: [[0, 0, 40, 40]],
    found: [[0, 0, 40, 40], [50, 50, 90, 90], [50, 0, 60, 10]],
  });
  const { matched, ignored, positives } = matchDetections(
    pair,
    cocoOverlaps(pair),
    { iouThresholds: [0.5], areaRange: [0, 32 ** 2] },
  );
  assert.deepEqual([...matched], [1, 0, 0]);
  assert.deepEqual([...ignored], [1, 1, 0]);
  assert.equal(positives, 0);
});

Deno.test("matchDetections() counts both ends of the range of areas", () => {
  const pair = pairOf({ truths: [[0, 0, 32, 32]], found: [] });
  for (const areaRange of [[0, 1024], [1024, 9216]] as const) {
    const { positives } = matchDetections(pair, cocoOverlaps(pair), {
      iouThresholds: [0.5],
      areaRange,
    });
    assert.equal(positives, 1);
  }
});
