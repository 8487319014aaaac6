import assert from "node:assert/strict";
import type { Anchors } from "ldlab/boxes/anchors.ts";
import { assignMaxIou, type MaxIouOptions } from "ldlab/regions/max_iou.ts";
import { goldenCases } from "../golden.ts";
import { assignmentCodes, goldenGroundTruth } from "./golden_anchors.ts";

/** Anchors without a grid, which max IoU has no use for. */
function boxesOnly(boxes: number[]): Anchors {
  const count = boxes.length / 4;
  return {
    boxes: new Float32Array(boxes),
    centers: new Float32Array(count * 2),
    strides: new Float32Array(count),
    count,
    levels: [{ stride: 1, height: 1, width: count, start: 0, count }],
  };
}

// tests/golden/max_iou_assigner.json: MaxIoUAssigner of MMDetection 3.3.0.
const cases = await goldenCases("max_iou_assigner");
/** A case may have the anchors of the first. */
const [{ inputs: first }] = cases;

for (const { name, inputs, params, outputs } of cases) {
  Deno.test(`assignMaxIou() assigns as the reference when case is ${name}`, () => {
    const priors = boxesOnly(inputs.priors?.data ?? first.priors.data);
    const gt = goldenGroundTruth(
      inputs.gt_bboxes,
      inputs.gt_labels,
      inputs.gt_bboxes_ignore,
    );
    const numClasses = 99;
    const assignment = assignMaxIou(priors, gt, {
      numClasses,
      positiveIou: params.pos_iou_thr,
      negativeIou: params.neg_iou_thr,
      minPositiveIou: params.min_pos_iou,
      matchLowQuality: params.match_low_quality,
      ignoreIof: params.ignore_iof_thr,
    });
    assert.deepEqual(assignmentCodes(assignment), outputs.gt_inds.data);
    assert.deepEqual(
      [...assignment.labels].map((label) => label === numClasses ? -1 : label),
      outputs.labels.data,
    );
  });
}

// IoUs with the box: 1/2, 1/2, 1/5, 0.
const anchors = boxesOnly([
  [0, 0, 10, 5],
  [0, 5, 10, 10],
  [0, 0, 10, 2],
  [20, 0, 30, 10],
].flat());
const gt = {
  boxes: new Float32Array([0, 0, 10, 10]),
  labels: new Int32Array([0]),
};

function codes(options: Partial<MaxIouOptions>): number[] {
  return assignmentCodes(
    assignMaxIou(anchors, gt, { numClasses: 1, ...options }),
  );
}

Deno.test("assignMaxIou() includes the positive threshold and excludes the negative", () => {
  const options = { matchLowQuality: false, negativeIou: 0.2 };
  assert.deepEqual(codes({ ...options, positiveIou: 0.5 }), [1, 1, -1, 0]);
  assert.deepEqual(codes({ ...options, positiveIou: 0.51 }), [-1, -1, -1, 0]);
});

Deno.test("assignMaxIou() has RetinaNet's thresholds when it is told none", () => {
  // 0.5 and 0.4; the IoU of an anchor below the top is its height over 100.
  const heights = [51, 49, 41, 39];
  const anchors = boxesOnly(heights.flatMap((height) => [0, 0, 1, height]));
  const tall = { ...gt, boxes: new Float32Array([0, 0, 1, 100]) };
  const options = { numClasses: 1, minPositiveIou: 1 };
  assert.deepEqual(
    assignmentCodes(assignMaxIou(anchors, tall, options)),
    [1, -1, -1, 0],
  );
});

Deno.test("assignMaxIou() gives a box its best anchors when matches may be poor", () => {
  const high = { positiveIou: 0.9, negativeIou: 0.6 };
  assert.deepEqual(codes(high), [1, 1, 0, 0]);
  assert.deepEqual(codes({ ...high, everyBest: false }), [1, 0, 0, 0]);
  assert.deepEqual(codes({ ...high, minPositiveIou: 0.6 }), [0, 0, 0, 0]);
});

Deno.test("assignMaxIou() gives an anchor of two equal boxes to the first, poor matches to the last", () => {
  const boxes = new Float32Array([...gt.boxes, ...gt.boxes]);
  const twice = { boxes, labels: new Int32Array(2) };
  const boxesOf = (options: Partial<MaxIouOptions>) => {
    const given = { numClasses: 1, ...options };
    const { gtIndex } = assignMaxIou(anchors, twice, given);
    return new Set(gtIndex.filter((box) => box >= 0));
  };
  // As PyTorch's max over the boxes, and as MMDetection's loop over them.
  assert.deepEqual(boxesOf({ matchLowQuality: false }), new Set([0]));
  assert.deepEqual(boxesOf({ positiveIou: 1 }), new Set([1]));
});

Deno.test("assignMaxIou() leaves out anchors that are not valid", () => {
  const valid = new Uint8Array([0, 1, 1, 1]);
  assert.deepEqual(codes({ valid }), [-1, 1, 0, 0]);
});

Deno.test("assignMaxIou() gives a box that no anchor overlaps all anchors, as the reference", () => {
  const far = { ...gt, boxes: new Float32Array([50, 50, 60, 60]) };
  const { positives } = assignMaxIou(anchors, far, { numClasses: 1 });
  assert.equal(positives, 4);
  const options = { numClasses: 1, minPositiveIou: 0.01 };
  assert.equal(assignMaxIou(anchors, far, options).positives, 0);
});

Deno.test("assignMaxIou() rejects what does not fit", () => {
  assert.throws(() => codes({ positiveIou: 1.5 }), {
    name: "RangeError",
    message: "Cannot assign boxes: positiveIou must be in [0, 1]: current " +
      "value is 1.5",
  });
  assert.throws(() => codes({ numClasses: 0 }), RangeError);
  assert.throws(() => codes({ valid: new Uint8Array(3) }), TypeError);
  const short = { ...gt, boxes: gt.boxes.subarray(1) };
  assert.throws(
    () => assignMaxIou(anchors, short, { numClasses: 1 }),
    TypeError,
  );
});
