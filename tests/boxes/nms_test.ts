import assert from "node:assert/strict";
import { multiclassNms, nms } from "ldlab/boxes/nms.ts";
import { goldenCases } from "../golden.ts";

// tests/golden/nms.json: the CPU kernels of torchvision and MMCV 2.1.0. Soft
// NMS and MMCV's offset of one pixel are not ours.
const cases = (await goldenCases("nms")).filter((one) =>
  !one.name.includes("soft") && !one.params.offset &&
  !one.name.startsWith("INFO")
);

for (const { name, inputs, params, outputs } of cases) {
  Deno.test(`nms keeps the reference's boxes in order when case is ${name}`, () => {
    const boxes = new Float32Array(inputs.boxes.data);
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
  assert.ok(cases.length >= 30, `only ${cases.length} cases`);
  assert.ok(cases.some((one) => one.inputs.idxs === undefined));
  assert.ok(cases.some((one) => one.params.class_agnostic === false));
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
