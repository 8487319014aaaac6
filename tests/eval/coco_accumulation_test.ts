import assert from "node:assert/strict";
import { accumulateMatches } from "ldlab/eval/coco_accumulation.ts";
import { assertClose } from "../golden.ts";

function matchesOf(scores: number[], matched: number[], positives: number) {
  return {
    scores: Float64Array.from(scores),
    matched: Uint8Array.from(matched),
    ignored: new Uint8Array(matched.length),
    positives,
  };
}

// Expected values by hand from the definition: 101 recalls, monotone precision.

Deno.test("accumulateMatches() orders the detections of all images by score", () => {
  const curve = accumulateMatches(
    [matchesOf([0.9, 0.3], [0, 1], 1), matchesOf([0.8], [1], 1)],
    { limit: 100, thresholds: 1 },
  )!;
  // Precisions 0, 1/2, 2/3, monotone 2/3 everywhere.
  assertClose(curve.precision, Array(101).fill(2 / 3), { absolute: 1e-12 });
  assert.deepEqual([...curve.recall], [1]);
});

Deno.test("accumulateMatches() counts the best of each image when limited", () => {
  const matches = [matchesOf([0.9, 0.8], [0, 1], 1), matchesOf([0.7], [1], 1)];
  const curve = accumulateMatches(matches, { limit: 1, thresholds: 1 })!;
  // 0.9 wrong, 0.7 right: precision 1/2 up to recall 1/2, 51 samples.
  const expected = [...Array(51).fill(1 / 2), ...Array(50).fill(0)];
  assertClose(curve.precision, expected, { absolute: 1e-12 });
  assert.deepEqual([...curve.recall], [0.5]);
});

Deno.test("accumulateMatches() leaves ignored detections out", () => {
  const matches = matchesOf([0.9, 0.8], [0, 1], 1);
  matches.ignored[0] = 1;
  const curve = accumulateMatches([matches], { limit: 100, thresholds: 1 })!;
  assertClose(curve.precision, Array(101).fill(1), { absolute: 1e-12 });
});

Deno.test("accumulateMatches() tells nothing found from nothing to find", () => {
  const options = { limit: 100, thresholds: 1 };
  const missed = accumulateMatches([matchesOf([], [], 2)], options)!;
  assert.deepEqual([...missed.precision, ...missed.recall], Array(102).fill(0));
  const none = accumulateMatches([matchesOf([0.9], [0], 0)], options);
  assert.equal(none, undefined);
});
