import assert from "node:assert/strict";
import { matchVocDetections, vocOutcomes } from "ldlab/eval/voc_matching.ts";

const { wrong, right, ignored } = vocOutcomes;
const options = { iouThresholds: [0.5], legacyCoordinates: false };

// Expected outcomes by hand from mmdet's tpfp_default.

Deno.test("matchVocDetections() gives right once, wrong again, ignored always", () => {
  const outcomes = matchVocDetections({
    truths: new Float32Array([0, 0, 9, 9, 20, 20, 29, 29]),
    difficult: [0, 1],
    found: new Float32Array(
      [[0, 0, 9, 9], [0, 0, 9, 8], [20, 20, 29, 29], [20, 20, 29, 28], [
        40,
        40,
        41,
        41,
      ]].flat(),
    ),
  }, options);
  assert.deepEqual([...outcomes], [right, wrong, ignored, ignored, wrong]);
});

Deno.test("matchVocDetections() calls everything wrong when there is no box", () => {
  const pair = { truths: new Float32Array(0), difficult: [] };
  const found = new Float32Array([0, 0, 9, 9]);
  assert.deepEqual([...matchVocDetections({ ...pair, found }, options)], [
    wrong,
  ]);
  const none = new Float32Array(0);
  assert.equal(matchVocDetections({ ...pair, found: none }, options).length, 0);
});

Deno.test("matchVocDetections() does not divide by zero when boxes have no area", () => {
  const flat = new Float32Array([3, 3, 3, 3]);
  const pair = { truths: flat, difficult: [0], found: flat };
  assert.deepEqual([...matchVocDetections(pair, options)], [wrong]);
  // With both edges' pixels counted the boxes are one pixel, and equal.
  const legacy = { ...options, legacyCoordinates: true };
  assert.deepEqual([...matchVocDetections(pair, legacy)], [right]);
});
