import assert from "node:assert/strict";
import { multiclassNms, nms } from "ldlab/boxes/nms.ts";
import { createRandom, uniform } from "ldlab/random/random.ts";
import { goldenCases } from "../golden.ts";

// tests/golden/nms.json: the CPU kernels of torchvision and MMCV 2.1.0. Soft-NMS
// has a test of its own.
const cases = await goldenCases(
  "nms",
  (one) => !one.name.includes("soft"),
);

for (const { name, inputs, params, outputs } of cases) {
  Deno.test(`nms keeps the reference's boxes in order when case is ${name}`, () => {
    // MMCV's offset: x2 and y2 are the last pixels inside.
    const boxes = Float32Array.from(
      inputs.boxes.data,
      (x: number, i) => i % 4 < 2 ? x : x + (params.offset ?? 0),
    );
    const scores = new Float32Array(inputs.scores.data);
    const iouThreshold = params.iou_threshold ?? params.nms_cfg.iou_threshold;
    const limit = params.nms_cfg?.max_num;
    const apart = inputs.idxs !== undefined && params.class_agnostic !== true;
    const kept = apart
      ? multiclassNms({
        boxes,
        scores,
        labels: new Int32Array(inputs.idxs.data),
        iouThreshold,
        limit,
      })
      : nms(boxes, scores, iouThreshold, limit);
    assert.deepEqual([...kept], outputs.keep.data);
  });
}

Deno.test("nms cases of the reference cover both functions", () => {
  assert.ok(cases.some((one) => one.inputs.idxs === undefined));
  assert.ok(cases.some((one) => one.inputs.idxs !== undefined));
});

Deno.test("nms() suppresses only above the threshold when IoU equals it", () => {
  // Intersection 6, union 10: IoU 0.6.
  const boxes = new Float32Array([0, 0, 10, 1, 0, 0, 6, 1]);
  const scores = new Float32Array([0.9, 0.8]);
  assert.deepEqual([...nms(boxes, scores, 0.6)], [0, 1]);
  assert.deepEqual([...nms(boxes, scores, 0.59)], [0]);
});

Deno.test("nms() takes the lower index first when scores are equal", () => {
  const boxes = new Float32Array([
    [0, 0, 4, 4],
    [0, 0, 4, 4],
    [9, 9, 12, 12],
    [5, 5, 8, 8],
  ].flat());
  const scores = new Float32Array([0.5, 0.5, 0.5, 0.5]);
  assert.deepEqual([...nms(boxes, scores, 0.5)], [0, 2, 3]);
  assert.deepEqual([...nms(boxes, scores, 0.5, 2)], [0, 2]);
});

Deno.test("nms() keeps what comparing all pairs keeps, whatever the boxes", () => {
  const random = createRandom(7);
  const between = (low: number, high: number) => uniform(random, low, high);
  for (const iouThreshold of [0, 0.1, 0.3, 0.5, 0.6, 0.9, 1]) {
    for (const side of [1, 100, 1000]) { // from heaps to few that meet
      const rows = Array.from({ length: 600 }, () => {
        const [x, y] = [between(-side, side), between(-side, side)];
        const [width, height] = [2 ** between(-1, 8), 2 ** between(6, 8)];
        return [x, y, x + width, y + height];
      });
      for (let row = 100; row < 200; row++) { // ends of other boxes, just too large
        const [x1, y1, x2, y2] = rows[row + 100];
        rows[row] = [x1, y1, x1 + 1.01 * iouThreshold * (x2 - x1), y2];
      }
      rows[10] = rows[20] = rows[30]; // the same box thrice
      rows[40] = [5, 5, 5, 9]; // no area
      rows[50] = [9, 9, 1, 1]; // inside out
      rows[60] = [-side, -side, side, side]; // around most
      const boxes = new Float32Array(rows.flat());
      // 40 different scores, so that there are ties; 0 and -0 are one.
      const scores = Float32Array.from(
        rows,
        () => Math.round(between(-20, 20)),
      );
      assert.deepEqual(
        [...nms(boxes, scores, iouThreshold)],
        nmsOfAllPairs(boxes, scores, iouThreshold),
        `threshold ${iouThreshold}, side ${side}`,
      );
    }
  }
});

/** What is written down as NMS, and nothing more. */
function nmsOfAllPairs(
  boxes: Float32Array,
  scores: Float32Array,
  iouThreshold: number,
): number[] {
  const f = Math.fround;
  const overlap = (a: number, b: number) => {
    const [x1, y1, x2, y2] = boxes.subarray(a * 4, a * 4 + 4);
    const [u1, v1, u2, v2] = boxes.subarray(b * 4, b * 4 + 4);
    const width = Math.max(0, f(Math.min(x2, u2) - Math.max(x1, u1)));
    const height = Math.max(0, f(Math.min(y2, v2) - Math.max(y1, v1)));
    const common = f(width * height);
    const area = f(f(x2 - x1) * f(y2 - y1));
    const other = f(f(u2 - u1) * f(v2 - v1));
    return f(common / f(f(area + other) - common));
  };
  return [...scores.keys()]
    .sort((a, b) => scores[b] - scores[a] || a - b)
    .reduce<number[]>(
      (kept, box) =>
        kept.some((best) => overlap(best, box) > f(iouThreshold))
          ? kept
          : [...kept, box],
      [],
    );
}

Deno.test("nms() keeps nothing when there is nothing", () => {
  const none = new Float32Array(0);
  assert.equal(nms(none, none, 0.5).length, 0);
  const labels = new Int32Array(0);
  const kept = multiclassNms({
    boxes: none,
    scores: none,
    labels,
    iouThreshold: 0.5,
  });
  assert.equal(kept.length, 0);
});

Deno.test("multiclassNms() keeps classes apart and limits them together", () => {
  const options = {
    boxes: new Float32Array(Array(3).fill([1, 1, 5, 5]).flat()),
    scores: new Float32Array([0.2, 0.9, 0.5]),
    labels: new Int32Array([1, 0, 1]),
    iouThreshold: 0.5,
  };
  assert.deepEqual([...multiclassNms(options)], [1, 2]);
  assert.deepEqual([...multiclassNms({ ...options, limit: 1 })], [1]);
});

Deno.test("nms() rejects arguments that do not fit", () => {
  const boxes = new Float32Array(8);
  const scores = new Float32Array(2);
  const labels = new Int32Array(1);
  assert.throws(() => nms(boxes, new Float32Array(3), 0.5), {
    name: "TypeError",
    message: "Cannot suppress boxes: boxes must be [3, 4], a row for each " +
      "score: current length is 8",
  });
  assert.throws(() => nms(boxes, scores, 1.1), RangeError);
  assert.throws(() => nms(boxes, scores, 0.5, -1), RangeError);
  assert.throws(
    () => multiclassNms({ boxes, scores, labels, iouThreshold: 0.5 }),
    TypeError,
  );
});
