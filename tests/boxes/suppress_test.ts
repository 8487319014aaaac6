import assert from "node:assert/strict";
import process from "node:process";
import fc from "fast-check";
import { multiclassNms } from "ldlab/boxes/nms.ts";
import { suppress, type Suppression } from "ldlab/boxes/suppress.ts";
import { createRandom, uniform } from "ldlab/random/random.ts";
import { assertClose } from "../golden.ts";
import { permuted, scoredBoxes } from "./scored_boxes_arbitrary.ts";

// The golden cases are in suppress_golden_test.ts, formulas by hand in
// eval/decode_suppression_test.ts.

const kinds: Suppression[] = [
  { kind: "nms" },
  { kind: "softNms" },
  { kind: "softNms", method: "gaussian" },
  { kind: "clusterNms" },
  { kind: "clusterNms", iterations: 1 },
  { kind: "clusterNms", measure: "diou" },
  { kind: "scorePenaltyNms" },
  { kind: "scorePenaltyNms", distanceExponent: 0.6, mergeAbove: 0.8 },
  { kind: "votingClusterDiouNms" },
];
const eachWay = kinds.flatMap((kind) => [
  kind,
  { ...kind, classAgnostic: true },
]);

Deno.test("suppress() is NMS within each class when it is told nothing", () => {
  fc.assert(fc.property(scoredBoxes(), (one) => {
    const { boxes, scores, labels, kept } = suppress(one);
    assert.deepEqual(kept, multiclassNms({ ...one, iouThreshold: 0.6 }));
    kept.forEach((index, row) => {
      assert.equal(scores[row], one.scores[index]);
      assert.equal(labels[row], one.labels[index]);
      assert.deepEqual(
        boxes.subarray(row * 4, row * 4 + 4),
        one.boxes.subarray(index * 4, index * 4 + 4),
      );
    });
  }));
});

for (const suppression of eachWay) {
  const way = JSON.stringify(suppression);
  Deno.test(`suppress() does not depend on the order of boxes with ${way}`, () => {
    fc.assert(fc.property(scoredBoxes(), fc.integer(), (one, seed) => {
      const options = { suppression, iouThreshold: 0.4 };
      const other = permuted(one, seed);
      const found = suppress(one, options);
      const again = suppress(other, options);
      // Lowered scores may be equal.
      const rows = ({ kept, scores, boxes }: typeof found, order?: number[]) =>
        new Map(
          Array.from(kept, (index, row) => [
            order ? order[index] : index,
            [scores[row], ...boxes.subarray(row * 4, row * 4 + 4)],
          ]),
        );
      const [expected, actual] = [rows(found), rows(again, other.order)];
      assert.equal(actual.size, expected.size);
      for (const [index, row] of expected) {
        assertClose(actual.get(index)!, row, { absolute: 1e-5 });
      }
      assert.deepEqual(found.scores, found.scores.toSorted().reverse());
    }));
  });

  Deno.test(`suppress() keeps the best, to the limit, with ${way}`, () => {
    fc.assert(fc.property(scoredBoxes(), fc.nat(5), (one, limit) => {
      const all = suppress(one, { suppression });
      const few = suppress(one, { suppression, limit });
      assert.deepEqual(few.kept, all.kept.slice(0, limit));
      assert.deepEqual(few.scores, all.scores.slice(0, limit));
      assert.deepEqual(few.boxes, all.boxes.slice(0, 4 * limit));
      const best = Math.max(...one.scores);
      if (best > 0.01) assert.equal(all.scores[0], best);
    }));
  });

  Deno.test(`suppress() takes no box, one box, far and equal boxes with ${way}`, () => {
    const of = (rows: number[][]) =>
      suppress({
        boxes: new Float32Array(rows.flat()),
        scores: new Float32Array(rows.length).fill(0.5),
        labels: new Int32Array(rows.length),
      }, { suppression });
    assert.equal(of([]).kept.length, 0);
    const box = [-9, -9, -5, -5];
    assert.deepEqual([...of([box]).boxes], box);
    const far = [1e30, 1e30, 2e30, 2e30];
    const { boxes, scores } = of([box, far, box, far, [3, 3, 3, 3]]);
    assert.ok([...boxes, ...scores].every(Number.isFinite));
  });
}

Deno.test("suppress() takes 5,000 boxes within a second, spread or in heaps", () => {
  const random = createRandom(3);
  const between = (low: number, high: number) => uniform(random, low, high);
  const spread = Array.from({ length: 5000 }, () => {
    const [x, y] = [between(0, 1000), between(0, 600)];
    return [x, y, x + between(8, 300), y + between(8, 300)];
  });
  const heaps = spread.map((_, i) =>
    spread[i % 20].map((x) => x + between(0, 4))
  );
  const scores = Float32Array.from(spread, () => between(0, 1));
  const labels = new Int32Array(scores.length);
  for (const rows of [spread, heaps]) {
    const boxes = new Float32Array(rows.flat());
    for (const suppression of kinds) {
      const start = process.cpuUsage(); // whatever else the machine does
      suppress({ boxes, scores, labels }, { suppression });
      const seconds = process.cpuUsage(start).user / 1e6;
      assert.ok(seconds < 1, `${JSON.stringify(suppression)}: ${seconds} s`);
    }
  }
});

Deno.test("suppress() suppresses above an IoU of 0.6 when it is told none", () => {
  const kept = (overlap: number) =>
    suppress({
      boxes: new Float32Array([0, 0, 1, 1, 0, 0, 1, overlap]),
      scores: new Float32Array([0.8, 0.4]),
      labels: new Int32Array(2),
    }).kept.length;
  assert.deepEqual([kept(0.61), kept(0.59)], [1, 2]);
});

Deno.test("suppress() merges all boxes that meet when mergeAbove is 0", () => {
  const { boxes } = suppress({
    boxes: new Float32Array([0, 0, 4, 4, 0, 0, 4, 2]), // IoU 0.5
    scores: new Float32Array([0.8, 0.4]),
    labels: new Int32Array(2),
  }, {
    iouThreshold: 0.4,
    suppression: { kind: "scorePenaltyNms", mergeAbove: 0 },
  });
  const lowered = 0.4 * Math.exp(-0.25 / 0.2);
  const y2 = (0.8 * 4 + 0.5 * lowered * 2) / (0.8 + 0.5 * lowered);
  assertClose(boxes.subarray(0, 4), [0, 0, 4, y2], { absolute: 1e-6 });
});

Deno.test("suppress() rejects a kind it does not know, and candidates that do not fit", () => {
  const candidates = {
    boxes: new Float32Array(8),
    scores: new Float32Array(2),
    labels: new Int32Array(2),
  };
  const suppression = { kind: "weightedNms" } as unknown as Suppression;
  assert.throws(() => suppress(candidates, { suppression }), {
    name: "RangeError",
    message: "Cannot suppress boxes: kind must be nms, softNms, clusterNms, " +
      "scorePenaltyNms or votingClusterDiouNms: current value is " +
      '"weightedNms"',
  });
  for (const suppression of eachWay) {
    const labels = new Int32Array(1);
    assert.throws(
      () => suppress({ ...candidates, labels }, { suppression }),
      TypeError,
    );
    for (const wrong of [{ limit: -1 }, { iouThreshold: 1.5 }]) {
      assert.throws(
        () => suppress(candidates, { suppression, ...wrong }),
        RangeError,
      );
    }
  }
});
