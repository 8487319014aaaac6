import assert from "node:assert/strict";
import fc from "fast-check";
import { clusterNms } from "ldlab/boxes/cluster_nms.ts";
import { nms } from "ldlab/boxes/nms.ts";
import { permuted, scoredBoxes } from "./scored_boxes_arbitrary.ts";

Deno.test("clusterNms() keeps what NMS keeps, per class and over all", () => {
  const iouThresholds = fc.constantFrom(0, 0.1, 0.3, 0.5, 0.6, 0.9, 1);
  fc.assert(fc.property(
    scoredBoxes(),
    iouThresholds,
    ({ boxes, scores, labels }, iouThreshold) => {
      assert.deepEqual(
        clusterNms(boxes, scores, { iouThreshold }),
        nms(boxes, scores, iouThreshold),
      );
      const perClass = [0, 1, 2].flatMap((label) => {
        const own = [...labels.keys()].filter((i) => labels[i] === label);
        return [...nms(
          Float32Array.from(
            own.flatMap((i) => [...boxes.subarray(i * 4, i * 4 + 4)]),
          ),
          Float32Array.from(own, (i) => scores[i]),
          iouThreshold,
        )].map((i) => own[i]);
      });
      assert.deepEqual(
        [...clusterNms(boxes, scores, { iouThreshold, labels })].sort(),
        perClass.sort(),
      );
    },
  ));
});

Deno.test("clusterNms() keeps what one box after another keeps when measure is diou", () => {
  fc.assert(fc.property(
    scoredBoxes(),
    // No DIoU of boxes on this grid is within float32 of these.
    fc.constantFrom(0.0371, 0.2713, 0.4937, 0.7019),
    fc.constantFrom(0.8, 0.9, 1),
    ({ boxes, scores }, iouThreshold, beta) => {
      const kept: number[] = [];
      for (
        const box of [...scores.keys()].sort((a, b) => scores[b] - scores[a])
      ) {
        const suppressed = kept.some((better) =>
          diou(boxes, better, box, beta) > iouThreshold
        );
        if (!suppressed) kept.push(box);
      }
      const options = { iouThreshold, beta, measure: "diou" } as const;
      assert.deepEqual([...clusterNms(boxes, scores, options)], kept);
    },
  ));
});

/** DIoU with an exponent, in float64, as written in the paper. */
function diou(boxes: Float32Array, a: number, b: number, beta: number): number {
  const [x1, y1, x2, y2] = boxes.subarray(a * 4, a * 4 + 4);
  const [u1, v1, u2, v2] = boxes.subarray(b * 4, b * 4 + 4);
  const common = Math.max(0, Math.min(x2, u2) - Math.max(x1, u1)) *
    Math.max(0, Math.min(y2, v2) - Math.max(y1, v1));
  if (common === 0) return 0; // DIoU is below 0, which no threshold is
  const union = (x2 - x1) * (y2 - y1) + (u2 - u1) * (v2 - v1) - common;
  const center = ((x1 + x2 - u1 - u2) ** 2 + (y1 + y2 - v1 - v2) ** 2) / 4;
  const diagonal = (Math.max(x2, u2) - Math.min(x1, u1)) ** 2 +
    (Math.max(y2, v2) - Math.min(y1, v1)) ** 2;
  return common / union - (center / diagonal) ** beta;
}

Deno.test("clusterNms() keeps no more in one round than at the fixed point, and what each even round keeps", () => {
  fc.assert(fc.property(scoredBoxes(), ({ boxes, scores }) => {
    const kept = (iterations?: number) =>
      new Set(clusterNms(boxes, scores, { iouThreshold: 0.3, iterations }));
    const all = kept();
    assert.ok(kept(1).isSubsetOf(all));
    assert.ok(all.isSubsetOf(kept(2)));
    assert.ok(kept(3).isSubsetOf(all));
    assert.deepEqual(kept(scores.length + 1), all);
  }));
});

Deno.test("clusterNms() does not depend on the order of its input, and keeps all it kept", () => {
  fc.assert(fc.property(
    scoredBoxes(),
    fc.integer(),
    fc.constantFrom("iou", "diou"),
    fc.constantFrom(1, Infinity),
    (one, seed, measure, iterations) => {
      const options = { iouThreshold: 0.4, measure, iterations };
      const kept = clusterNms(one.boxes, one.scores, options);
      const other = permuted(one, seed);
      assert.deepEqual(
        clusterNms(other.boxes, other.scores, options)
          .map((index) => other.order[index]),
        kept,
      );
      const rows = [...kept];
      const again = clusterNms(
        Float32Array.from(
          rows.flatMap((i) => [...one.boxes.subarray(i * 4, i * 4 + 4)]),
        ),
        Float32Array.from(rows, (i) => one.scores[i]),
        options,
      );
      assert.deepEqual([...again], [...rows.keys()]);
    },
  ));
});

Deno.test("clusterNms() takes no box, one box, equal boxes, and boxes without area", () => {
  const none = new Float32Array(0);
  const iouThreshold = 0.5;
  const kept = (rows: number[][], scores: number[]) => [
    ...clusterNms(
      new Float32Array(rows.flat()),
      new Float32Array(scores),
      { iouThreshold, measure: "diou" },
    ),
  ];
  assert.equal(clusterNms(none, none, { iouThreshold }).length, 0);
  assert.deepEqual(kept([[-9, -9, -5, -5]], [0]), [0]);
  const box = [-4, -4, 4, 4];
  assert.deepEqual(kept([box, box, box], [0.5, 0.5, 0.5]), [0]);
  const line = [1, 1, 1, 5];
  assert.deepEqual(kept([line, line], [0.5, 0.6]), [1, 0]);
});

Deno.test("clusterNms() keeps classes apart where moving by 4000 pixels would not", () => {
  // The second box, moved by the label, would be the first.
  const boxes = new Float32Array([4000, 4000, 4010, 4010, 0, 0, 10, 10]);
  const kept = clusterNms(boxes, new Float32Array([0.9, 0.8]), {
    iouThreshold: 0.5,
    labels: new Int32Array([0, 1]),
  });
  assert.deepEqual([...kept], [0, 1]);
});

Deno.test("clusterNms() keeps one of 5,000 equal boxes", () => {
  const boxes = Float32Array.from({ length: 20_000 }, (_, i) => 9 * (i & 2));
  const scores = new Float32Array(5000).fill(0.5);
  assert.deepEqual([...clusterNms(boxes, scores, { iouThreshold: 0.5 })], [0]);
});

Deno.test("clusterNms() rejects arguments that do not fit", () => {
  const [boxes, scores] = [new Float32Array(8), new Float32Array(2)];
  const iouThreshold = 0.5;
  assert.throws(
    () => clusterNms(boxes, new Float32Array(3), { iouThreshold }),
    TypeError,
  );
  for (
    const wrong of [
      { iouThreshold: 1.1 },
      { beta: 0 },
      { iterations: 0 },
      { limit: -1 },
      { measure: "giou" as "iou" },
    ]
  ) {
    assert.throws(
      () => clusterNms(boxes, scores, { iouThreshold, ...wrong }),
      RangeError,
    );
  }
});
