import assert from "node:assert/strict";
import fc from "fast-check";
import { clusterNms } from "ldlab/boxes/cluster_nms.ts";
import { scoreVoting } from "ldlab/boxes/score_voting.ts";
import { suppress } from "ldlab/boxes/suppress.ts";
import { createRandom, uniform } from "ldlab/random/random.ts";
import { assertClose } from "../golden.ts";
import { scoredBoxes } from "./scored_boxes_arbitrary.ts";

/**
 * `voting_cluster_diounms` of HikariTJU/LD `bbox_nms.py` as it is written there,
 * with dense matrices, but in float64; classes 4000 pixels apart.
 */
function releasedVoting(
  given: { boxes: Float32Array; scores: Float32Array; labels: Int32Array },
  { iouThreshold, beta, voteThreshold, sigma }: Record<string, number>,
): { kept: number[]; boxes: number[][] } {
  const order = [...given.scores.keys()]
    .sort((a, b) => given.scores[b] - given.scores[a]);
  const bboxes = order.map((i) => [...given.boxes.subarray(i * 4, i * 4 + 4)]);
  const box = bboxes.map((sides, row) =>
    sides.map((x) => x + given.labels[order[row]] * 4000)
  );
  const scores = order.map((i) => given.scores[i]);
  const all = [...scores.keys()];
  const area = ([x1, y1, x2, y2]: number[]) => (x2 - x1) * (y2 - y1);
  const iouu = box.map((a) =>
    box.map((b) => {
      const common = Math.max(Math.min(a[2], b[2]) - Math.max(a[0], b[0]), 0) *
        Math.max(Math.min(a[3], b[3]) - Math.max(a[1], b[1]), 0);
      const p = ((a[0] + a[2] - b[0] - b[2]) ** 2 / 4 +
        (a[1] + a[3] - b[1] - b[3]) ** 2 / 4) /
        ((Math.max(a[2], b[2]) - Math.min(a[0], b[0])) ** 2 +
          (Math.max(a[3], b[3]) - Math.min(a[1], b[1])) ** 2 + 1e-7);
      return common / (area(a) + area(b) - common) - p ** beta;
    })
  );
  const iou = iouu.map((row, i) => row.map((x, j) => j > i ? x : 0));
  let A = iou;
  let maxA: number[] = [];
  for (let i = 0, B = iou; i < 999; i++) {
    A = B;
    maxA = all.map((j) => Math.max(...all.map((i) => A[i][j])));
    B = iou.map((row, i) => row.map((x) => maxA[i] <= iouThreshold ? x : 0));
    if (B.every((row, i) => row.every((x, j) => x === A[i][j]))) break;
  }
  const kept = all.filter((i) => maxA[i] <= iouThreshold);
  return {
    kept: kept.map((i) => order[i]),
    boxes: kept.map((i) => {
      const weights = all.map((j) => {
        const B = j >= i ? iouu[i][j] : 0;
        return Math.exp(-((1 - (B > voteThreshold ? B : 0)) ** 2) / sigma) *
          scores[j];
      });
      const sum = (of: (j: number) => number) =>
        weights.reduce((total, weight, j) => total + weight * of(j), 0);
      return [0, 1, 2, 3].map((k) => sum((j) => bboxes[j][k]) / sum(() => 1));
    }),
  };
}

const released = {
  iouThreshold: 0.6,
  beta: 0.8,
  voteThreshold: 0.7,
  sigma: 0.025,
};
for (
  const options of [
    released,
    // Where others than the voters can be seen.
    { ...released, sigma: 0.3 },
    { iouThreshold: 0.4, beta: 1, voteThreshold: 0.5, sigma: 0.1 },
  ]
) {
  Deno.test(`suppress() votes as the LD repository does with ${JSON.stringify(options)}`, () => {
    for (const seed of [1, 2, 3]) {
      const candidates = crowd(seed);
      const { iouThreshold, ...voting } = options;
      const expected = releasedVoting(candidates, options);
      const found = suppress(candidates, {
        iouThreshold,
        suppression: { kind: "votingClusterDiouNms", ...voting },
      });
      assert.deepEqual([...found.kept], expected.kept);
      assertClose(found.boxes, expected.boxes.flat(), { absolute: 1e-3 });
      const moved = found.boxes.filter((x, i) =>
        Math.abs(
          x - candidates.boxes[found.kept[i >> 2] * 4 + i % 4],
        ) > 0.1
      );
      assert.ok(moved.length > 20, "next to no box has moved");
      for (const [row, index] of found.kept.entries()) {
        assert.equal(found.scores[row], candidates.scores[index]);
        assert.equal(found.labels[row], candidates.labels[index]);
      }
    }
  });
}

Deno.test("suppress() votes with the released numbers when it is told none", () => {
  const suppression = { kind: "votingClusterDiouNms" } as const;
  const found = suppress(crowd(4), { suppression });
  const { iouThreshold, ...voting } = released;
  assert.deepEqual(
    found,
    suppress(crowd(4), {
      iouThreshold,
      suppression: { ...suppression, ...voting },
    }),
  );
});

/** Heaps of boxes of 5 classes in an image of 1333 × 800 pixels. */
function crowd(seed: number) {
  const random = createRandom(seed);
  const between = (low: number, high: number) => uniform(random, low, high);
  const heaps = Array.from({ length: 12 }, () => {
    const [x, y] = [between(0, 1100), between(0, 600)];
    return [x, y, x + between(20, 200), y + between(20, 200)];
  });
  const rows = Array.from({ length: 240 }, (_, i) => {
    const [x1, y1, x2, y2] = heaps[i % heaps.length];
    const jitter = (side: number) => between(-0.1, 0.1) * side;
    const [w, h] = [x2 - x1, y2 - y1];
    return [x1 + jitter(w), y1 + jitter(h), x2 + jitter(w), y2 + jitter(h)];
  });
  return {
    boxes: new Float32Array(rows.flat()),
    scores: Float32Array.from(rows, () => between(0.05, 1)),
    labels: Int32Array.from(rows, () => Math.floor(between(0, 5))),
  };
}

Deno.test("scoreVoting() leaves boxes when the threshold is 1 or all voters are equal", () => {
  fc.assert(fc.property(scoredBoxes(), ({ boxes, scores, labels }) => {
    const all = Int32Array.from(scores.keys());
    for (const weight of ["gaussian", "overlap"] as const) {
      const alone = scoreVoting(boxes, scores, all, {
        voteThreshold: 1,
        weight,
        labels,
      });
      assertClose(alone, boxes, { absolute: 1e-6 });
    }
    const twice = Float32Array.from([...boxes, ...boxes]);
    const equal = scoreVoting(
      twice,
      Float32Array.from([...scores, ...scores]),
      Int32Array.from(twice.subarray(0, 2 * scores.length).keys()),
      { voteThreshold: 0.99 },
    );
    assertClose(equal, twice, { absolute: 1e-6 });
  }));
});

Deno.test("scoreVoting() stays within the boxes, and moves them with their scale", () => {
  fc.assert(fc.property(scoredBoxes(), ({ boxes, scores }) => {
    const kept = clusterNms(boxes, scores, { iouThreshold: 0.6 });
    const options = { voteThreshold: 0.3 };
    const moved = scoreVoting(boxes, scores, kept, options);
    const extremes = [Math.min(...boxes) - 1e-5, Math.max(...boxes) + 1e-5];
    assert.ok(moved.every((x) => x >= extremes[0] && x <= extremes[1]));
    const larger = scoreVoting(boxes.map((x) => 4 * x), scores, kept, options);
    assertClose(larger, moved.map((x) => 4 * x), { absolute: 1e-4 });
  }));
});

Deno.test("scoreVoting() asks neither better boxes nor other classes", () => {
  const boxes = new Float32Array([0, 0, 9, 9, 0, 0, 9, 10, 0, 0, 9, 11]);
  const scores = new Float32Array([0.9, 0.8, 0.7]);
  const labels = new Int32Array([0, 0, 1]);
  const options = { voteThreshold: 0.1, labels };
  const moved = (row: number) =>
    scoreVoting(boxes, scores, new Int32Array([row]), options)[3];
  assert.ok(moved(0) > 9 && moved(0) < 9.5);
  assertClose([moved(1), moved(2)], [10, 11], { absolute: 1e-6 });
});

Deno.test("scoreVoting() takes no box, boxes without area, and votes of 0", () => {
  const none = new Float32Array(0);
  assert.equal(scoreVoting(none, none, new Int32Array(0)).length, 0);
  const boxes = new Float32Array([1, 1, 1, 5, 1, 1, 1, 5, -9, -9, -8, -8]);
  const both = new Int32Array([0, 1]);
  for (const score of [0, 0.5]) {
    const scores = new Float32Array(3).fill(score);
    const moved = scoreVoting(boxes, scores, both);
    assertClose(moved, boxes.subarray(0, 8), { absolute: 1e-6 });
  }
});

Deno.test("scoreVoting() lets no box vote whose overlap is the threshold itself", () => {
  const boxes = new Float32Array([0, 0, 4, 4, 0, 0, 4, 2]); // IoU 0.5
  const scores = new Float32Array([0.75, 0.5]);
  const options = { measure: "iou", weight: "overlap" } as const;
  const bottom = (voteThreshold: number) =>
    scoreVoting(boxes, scores, new Int32Array([0]), {
      ...options,
      voteThreshold,
    })[3];
  assert.equal(bottom(0.5), 4);
  assertClose([bottom(0.49)], [(0.75 * 4 + 0.25 * 2) / (0.75 + 0.25)], {});
});

Deno.test("scoreVoting() rejects arguments that do not fit", () => {
  const [boxes, scores] = [new Float32Array(8), new Float32Array(2)];
  const kept = new Int32Array([0]);
  const votes = new Float32Array(3);
  assert.throws(() => scoreVoting(boxes, votes, kept), TypeError);
  assert.throws(() => scoreVoting(boxes, scores, kept, { votes }), TypeError);
  for (
    const wrong of [
      { voteThreshold: 2 },
      { beta: 0 },
      { sigma: -1 },
      { measure: "giou" as "iou" },
    ]
  ) {
    assert.throws(() => scoreVoting(boxes, scores, kept, wrong), RangeError);
  }
  for (const wrong of [[0, 0], [2], [-1]]) {
    assert.throws(() => scoreVoting(boxes, scores, new Int32Array(wrong)), {
      name: "RangeError",
      message:
        "Cannot move boxes: kept must have indices of boxes, each once: " +
        `current value is [${wrong}] of 2 boxes`,
    });
  }
  const weight = "linear" as "overlap";
  assert.throws(() => scoreVoting(boxes, scores, kept, { weight }), {
    name: "RangeError",
    message: "Cannot suppress boxes: weight must be gaussian or overlap: " +
      'current value is "linear"',
  });
});
