import assert from "node:assert/strict";
import { makeAnchors } from "ldlab/boxes/anchors.ts";
import { pairwiseOverlaps } from "ldlab/boxes/overlaps.ts";
import { createRandom, uniform } from "ldlab/random/random.ts";
import { atssCandidates } from "ldlab/regions/atss_candidates.ts";

Deno.test("atssCandidates() finds what sorting all distances finds, whatever takes part", () => {
  const anchors = makeAnchors({ height: 200, width: 333 });
  const random = createRandom(3);
  // Corners at half strides, so that many centres are equally near; some boxes
  // lie outside the anchors.
  const coordinate = () => 4 * Math.round(uniform(random, -20, 100));
  const boxes = Float32Array.from({ length: 4 * 30 }, coordinate);
  const gt = { boxes, labels: new Int32Array(30) };
  const overlaps = pairwiseOverlaps(anchors.boxes, boxes, "iou");
  for (const share of [1, 0.5, 0.01]) {
    const valid = Uint8Array.from(
      { length: anchors.count },
      () => random() < share ? 1 : 0,
    );
    for (const topk of [1, 9, 40]) {
      const found = atssCandidates(anchors, gt, { topk, valid });
      for (const [box, nearest] of found.nearest.entries()) {
        const [x1, y1, x2, y2] = boxes.subarray(box * 4, box * 4 + 4);
        const distance = (anchor: number) => {
          const [x, y] = anchors.centers.subarray(anchor * 2, anchor * 2 + 2);
          // Exact: halves of whole numbers.
          return (x - (x1 + x2) / 2) ** 2 + (y - (y1 + y2) / 2) ** 2;
        };
        const expected = anchors.levels.flatMap(({ start, count }) =>
          Array.from({ length: count }, (_, i) => start + i)
            .filter((anchor) => valid[anchor] === 1)
            .sort((a, b) => distance(a) - distance(b) || a - b)
            .slice(0, topk)
        );
        assert.deepEqual([...nearest], expected);
        assert.deepEqual(
          [...found.overlaps[box]],
          expected.map((anchor) => overlaps[anchor * 30 + box]),
        );
      }
    }
  }
});
