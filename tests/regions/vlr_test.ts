import assert from "node:assert/strict";
import { makeAnchors, validAnchors } from "ldlab/boxes/anchors.ts";
import { pairwiseOverlaps } from "ldlab/boxes/overlaps.ts";
import { assignAtss } from "ldlab/regions/atss.ts";
import { atssCandidates } from "ldlab/regions/atss_candidates.ts";
import { vlrRegion } from "ldlab/regions/vlr.ts";
import {
  assertClose,
  goldenCases,
  type GoldenTensor,
  goldenTensors,
} from "../golden.ts";
import { goldenAnchors, goldenGroundTruth } from "./golden_anchors.ts";

function zeroPattern(region: ArrayLike<number>): boolean[] {
  return Array.from(region, (weight) => weight === 0);
}

// tests/golden/vlr_assign.json: get_vlr_region of HikariTJU/LD.
for (
  const { name, inputs, params, outputs } of await goldenCases("vlr_assign")
) {
  Deno.test(`vlrRegion() equals the released code when case is ${name}`, () => {
    const ignored = inputs.gt_bboxes_ignore;
    const gt = goldenGroundTruth(inputs.gt_bboxes, undefined, ignored);
    const { topk, ignore_iof_thr: ignoreIof } = params;
    const region = vlrRegion(goldenAnchors(params), gt, { topk, ignoreIof });
    const expected = outputs.vlr_region.data;
    assert.deepEqual(zeroPattern(region), zeroPattern(expected));
    assertClose(region, expected, { absolute: 1e-6 });
    if (!outputs.atss_gt_inds) return;
    const { gtIndex } = assignAtss(goldenAnchors(params), gt, {
      numClasses: 1,
      topk,
    });
    assert.deepEqual(
      [...gtIndex].map((index) => index + 1),
      outputs.atss_gt_inds.data,
    );
  });
}

// tests/golden/ld_head.json: the targets of the released LDHead.
const tensors = await goldenTensors("ld_head");
for (const { name, inputs, params } of await goldenCases("ld_head")) {
  if (!tensors.has(`${name}/target/vlr_region.0`)) continue;
  Deno.test(`vlrRegion() gives the targets of LDHead when case is ${name}`, () => {
    const anchors = goldenAnchors(params);
    const images = params.img_metas.length;
    for (let image = 0; image < images; image++) {
      const [height, width] = params.img_metas[image].pad_shape;
      const region = vlrRegion(
        anchors,
        goldenGroundTruth(inputs.gt_bboxes[image]),
        { valid: validAnchors(anchors, { height, width }) },
      );
      for (const [level, { start, count }] of anchors.levels.entries()) {
        const { data } = tensors.get(`${name}/target/vlr_region.${level}`)!;
        const expected = data.subarray(image * count, (image + 1) * count);
        const actual = region.subarray(start, start + count);
        assert.deepEqual(zeroPattern(actual), zeroPattern(expected));
        assertClose(actual, expected, { absolute: 1e-6 });
      }
    }
  });
}

Deno.test("vlrRegion() is empty for the image without boxes on which LDHead fails", async () => {
  // Case one_image_empty of ld_head.json is an error of the released code.
  const empty = ({ shape: [count] }: GoldenTensor) => count === 0;
  const [{ inputs }] = await goldenCases(
    "ld_head",
    ({ error, inputs }) => error !== undefined && inputs.gt_bboxes.some(empty),
  );
  const [{ params }] = await goldenCases("ld_head", ({ error }) => !error);
  for (const boxes of inputs.gt_bboxes.filter(empty)) {
    const region = vlrRegion(goldenAnchors(params), goldenGroundTruth(boxes));
    assert.ok(region.every((weight) => weight === 0));
  }
});

const anchors = makeAnchors({ height: 320, width: 320 });
const gt = {
  boxes: new Float32Array([
    [30.3, 41.2, 61.7, 70.1],
    [70.6, 80.2, 190.9, 220.4],
    [100.2, 110.7, 310.3, 300.6],
    [250.4, 20.5, 251.4, 21.5], // one pixel
  ].flat()),
  labels: new Int32Array([0, 1, 0, 1]),
};

Deno.test("vlrRegion() shrinks to nothing when gamma grows to 1", () => {
  for (const measure of ["diof", "diou"] as const) {
    let last: Float32Array | undefined;
    for (const gamma of [0, 0.25, 0.5, 0.75, 1]) {
      const region = vlrRegion(anchors, gt, { gamma, measure });
      if (last) {
        assert.ok(region.every((weight, i) => weight <= last![i]));
      }
      last = region;
    }
    assert.ok(last!.every((weight) => weight === 0));
    const widest = vlrRegion(anchors, gt, { gamma: 0, measure });
    assert.ok(widest.some((weight) => weight > 0));
  }
});

Deno.test("vlrRegion() is all zero when nothing is there", () => {
  const nothing = { boxes: new Float32Array(0), labels: new Int32Array(0) };
  const region = vlrRegion(anchors, nothing);
  assert.equal(region.length, anchors.count);
  assert.ok(region.every((weight) => weight === 0));
});

Deno.test("vlrRegion() follows the definition for true DIoU", () => {
  // One box, straight from algorithm 1 with the strict upper end.
  const one = {
    boxes: gt.boxes.subarray(4, 8),
    labels: gt.labels.subarray(1, 2),
  };
  const [threshold] = atssCandidates(anchors, one, { topk: 9 }).thresholds;
  const diou = pairwiseOverlaps(anchors.boxes, one.boxes, "diou");
  const expected = diou.map((value) =>
    value >= Math.fround(0.25 * threshold) && value < threshold ? 1 : 0
  );
  const region = vlrRegion(anchors, one, { measure: "diou", weight: "mask" });
  assert.ok(expected.includes(1));
  assert.deepEqual(region, expected);
});

Deno.test("vlrRegion() differs by measure when an object is large", () => {
  // The intersection over the anchor's area takes small anchors on the border of
  // a large box, DIoU those of its own size.
  const large = {
    boxes: gt.boxes.subarray(8, 12),
    labels: gt.labels.subarray(2, 3),
  };
  const p3 = anchors.levels[0].count;
  const onP3 = (measure: "diof" | "diou") =>
    vlrRegion(anchors, large, { measure }).subarray(0, p3)
      .filter((weight) => weight > 0).length;
  assert.equal(onP3("diou"), 0);
  assert.ok(onP3("diof") > 50);
});

Deno.test("vlrRegion() masks where it weighs, with 1 for the IoU", () => {
  const weighted = vlrRegion(anchors, gt);
  const masked = vlrRegion(anchors, gt, { weight: "mask" });
  assert.deepEqual(zeroPattern(masked), zeroPattern(weighted));
  assert.ok(masked.every((weight) => weight === 0 || weight === 1));
});

Deno.test("vlrRegion() removes positives only when asked to", () => {
  const { gtIndex } = assignAtss(anchors, gt, { numClasses: 2 });
  for (const measure of ["diof", "diou"] as const) {
    const kept = vlrRegion(anchors, gt, { measure });
    const removed = vlrRegion(anchors, gt, { measure, positives: "removed" });
    assert.deepEqual(
      removed,
      kept.map((weight, anchor) => gtIndex[anchor] < 0 ? weight : 0),
    );
  }
  const overlap = vlrRegion(anchors, gt).filter((weight, anchor) =>
    weight > 0 && gtIndex[anchor] >= 0
  );
  assert.ok(overlap.length > 0, "the example has positives in its region");
});

Deno.test("vlrRegion() leaves out anchors that are not valid", () => {
  const valid = validAnchors(anchors, { height: 200, width: 320 });
  const region = vlrRegion(anchors, gt, { valid });
  assert.ok(region.every((weight, i) => weight === 0 || valid[i] === 1));
  assert.ok(region.some((weight) => weight > 0));
});

Deno.test("vlrRegion() rejects a gamma outside [0, 1]", () => {
  for (const gamma of [-0.01, 1.01, NaN]) {
    assert.throws(() => vlrRegion(anchors, gt, { gamma }), {
      name: "RangeError",
      message:
        "Cannot select the VLR: gamma must be in [0, 1]: current value " +
        `is ${gamma}`,
    });
  }
});

Deno.test("vlrRegion() rejects what is none of an option's choices", () => {
  const measure = "iou" as unknown as "diou";
  assert.throws(() => vlrRegion(anchors, gt, { measure }), {
    name: "RangeError",
    message: "Cannot select the VLR: measure must be diof or diou: current " +
      'value is "iou"',
  });
  const upper = "half" as unknown as "open";
  assert.throws(() => vlrRegion(anchors, gt, { upper }), RangeError);
});

Deno.test("vlrRegion() has the threshold itself only when the upper end is closed", () => {
  // Anchors 16 px wide around 0, 8 and 16, the box at the second: IoUs 1/3, 1,
  // 1/3. With one candidate twice, of two levels alike, the deviation is 0 and
  // the threshold 1, which is the DIoU of that anchor.
  const twice = makeAnchors({
    height: 8,
    width: 24,
    strides: [8, 8],
    scale: 2,
  });
  const gt = {
    boxes: new Float32Array([0, -8, 16, 8]),
    labels: new Int32Array([0]),
  };
  const inside = (upper?: "open" | "closed") => [...vlrRegion(twice, gt, {
    upper,
    topk: 1,
    gamma: 1,
    measure: "diou",
    weight: "mask",
  })];
  assert.deepEqual(inside(), [0, 0, 0, 0, 0, 0]);
  assert.deepEqual(inside("open"), [0, 0, 0, 0, 0, 0]);
  assert.deepEqual(inside("closed"), [0, 1, 0, 0, 1, 0]);
});
