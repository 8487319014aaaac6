import assert from "node:assert/strict";
import { flipBoxes, FLIPS } from "ldlab/data/flip.ts";

Deno.test("flipBoxes() mirrors x1' = W - x2 and y1' = H - y2, by hand", () => {
  const boxes = new Float32Array([0, 0, 30, 20, 200, 150.5, 256, 192]);
  const by = (flip: (typeof FLIPS)[number]) => [
    ...flipBoxes(boxes, flip, 256, 192),
  ];
  assert.deepEqual(by("none"), [...boxes]);
  assert.deepEqual(by("h"), [226, 0, 256, 20, 0, 150.5, 56, 192]);
  assert.deepEqual(by("v"), [0, 172, 30, 192, 200, 0, 256, 41.5]);
  assert.deepEqual(by("hv"), [226, 172, 256, 192, 0, 0, 56, 41.5]);
});

Deno.test("flipBoxes() twice gives the boxes back, and leaves its input alone", () => {
  const boxes = new Float32Array([3, 5, 40, 60]);
  for (const flip of FLIPS) {
    const twice = flipBoxes(flipBoxes(boxes, flip, 64, 80), flip, 64, 80);
    assert.deepEqual(twice, boxes);
  }
  assert.deepEqual([...boxes], [3, 5, 40, 60]);
  assert.equal(flipBoxes(new Float32Array(), "hv", 64, 80).length, 0);
});
