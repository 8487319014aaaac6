import assert from "node:assert/strict";
import { makeAnchors, validAnchors } from "ldlab/boxes/anchors.ts";
import { pairwiseOverlaps } from "ldlab/boxes/overlaps.ts";
import { assignAtss } from "ldlab/regions/atss.ts";
import { atssCandidates } from "ldlab/regions/atss_candidates.ts";
import { mainRegion } from "ldlab/regions/main_region.ts";
import { assertClose, goldenCases, goldenTensors } from "../golden.ts";
import {
  assignmentCodes,
  goldenAnchors,
  goldenGroundTruth,
} from "./golden_anchors.ts";

// tests/golden/atss_assigner.json: ATSSAssigner of MMDetection 3.3.0. What has
// INFO in its name has centres equally near, where PyTorch leaves the choice open.
for (
  const { name, inputs, params, outputs } of await goldenCases("atss_assigner")
) {
  Deno.test(`assignAtss() assigns as the reference when case is ${name}`, () => {
    const anchors = goldenAnchors(params);
    const { ignore_iof_thr: ignoreIof, topk } = params;
    const gt = goldenGroundTruth(
      inputs.gt_bboxes,
      inputs.gt_labels,
      inputs.gt_bboxes_ignore,
    );
    const numClasses = 99;
    const assignment = assignAtss(anchors, gt, { numClasses, topk, ignoreIof });
    // The reference counts from 1; 0 is background, -1 neither.
    assert.deepEqual(
      assignmentCodes(assignment),
      outputs.gt_inds.data,
    );
    assert.deepEqual(
      [...assignment.labels].map((label) => label === numClasses ? -1 : label),
      outputs.labels.data,
    );
    if (gt.labels.length === 0) return;
    const overlaps = pairwiseOverlaps(anchors.boxes, gt.boxes, "iou");
    assertClose(
      [...assignment.gtIndex].map((index, anchor) =>
        index < 0 ? -1e8 : overlaps[anchor * gt.labels.length + index]
      ),
      outputs.max_overlaps.data,
      { absolute: 1e-6 },
    );
  });
}

// tests/golden/heads.json: GFLHead and LDHead of MMDetection 3.3.0, with the
// padding of each image; ld_head.json: LDHead of HikariTJU/LD.
for (const file of ["heads", "ld_head"]) {
  const tensors = await goldenTensors(file);
  for (const { name, inputs, params } of await goldenCases(file)) {
    const key = `${name}/target/labels.0`;
    if (!tensors.has(key)) continue;
    Deno.test(`assignAtss() gives the targets of ${file} when case is ${name}`, () => {
      const anchors = goldenAnchors(params);
      for (const [image, meta] of params.img_metas.entries()) {
        const [height, width] = meta.pad_shape;
        const valid = validAnchors(anchors, { height, width });
        const gt = goldenGroundTruth(
          inputs.gt_bboxes[image],
          inputs.gt_labels[image],
        );
        const assignment = assignAtss(anchors, gt, {
          numClasses: params.num_classes,
          topk: params.head_cfg.train_cfg.assigner.topk,
          valid,
        });
        for (const [level, { start, count }] of anchors.levels.entries()) {
          const compare = (target: string, actual: ArrayLike<number>) => {
            const tensor = tensors.get(`${name}/target/${target}.${level}`);
            if (!tensor) return;
            const size = tensor.data.length / params.img_metas.length;
            assert.deepEqual(
              Array.from(actual),
              [...tensor.data.subarray(image * size, (image + 1) * size)],
              `${target} of level ${level}, image ${image}`,
            );
          };
          const end = start + count;
          compare("labels", assignment.labels.subarray(start, end));
          compare("label_weights", valid.subarray(start, end));
          compare(
            "bbox_targets",
            assignment.boxTargets.subarray(start * 4, end * 4),
          );
        }
      }
    });
  }
}

Deno.test("assignAtss() makes everything background when nothing is there", () => {
  const anchors = makeAnchors({ height: 64, width: 96 });
  const gt = { boxes: new Float32Array(0), labels: new Int32Array(0) };
  const assignment = assignAtss(anchors, gt, { numClasses: 4 });
  assert.ok(assignment.labels.every((label) => label === 4));
  assert.ok(assignment.gtIndex.every((index) => index === -1));
  assert.ok(assignment.boxTargets.every((value) => value === 0));
  assert.equal(assignment.positives, 0);
  assert.ok(mainRegion(assignment).every((weight) => weight === 0));
});

Deno.test("assignAtss() finds a box of one pixel when a centre lies in it", () => {
  const anchors = makeAnchors({ height: 64, width: 64 });
  const box = [23.5, 15.5, 24.5, 16.5]; // around the centre (24, 16)
  const gt = { boxes: new Float32Array(box), labels: new Int32Array([1]) };
  const { gtIndex, positives } = assignAtss(anchors, gt, { numClasses: 2 });
  assert.ok(positives >= 1);
  assert.equal(gtIndex[2 * 8 + 3], 0); // P3, row 2, column 3
});

Deno.test("assignAtss() gives an anchor of two equal boxes to the first", () => {
  // As PyTorch's max over the boxes.
  const anchors = makeAnchors({ height: 64, width: 64 });
  const gt = {
    boxes: new Float32Array([4, 4, 44, 44, 4, 4, 44, 44]),
    labels: new Int32Array([0, 1]),
  };
  const { gtIndex, positives } = assignAtss(anchors, gt, { numClasses: 2 });
  assert.ok(positives > 0);
  assert.ok(gtIndex.every((box) => box < 1));
});

Deno.test("assignAtss() takes all candidates when their IoUs are one", () => {
  // The IoU of an anchor wholly inside is its area over the box's: the mean is
  // that and the deviation 0.
  const anchors = makeAnchors({ height: 64, width: 64, strides: [8] });
  for (const side of [501, 733.3, 1e3, 2345.6, 1e4]) {
    const box = [-side, -side, side, side + 64];
    const gt = { boxes: new Float32Array(box), labels: new Int32Array([0]) };
    assert.equal(assignAtss(anchors, gt, { numClasses: 1 }).positives, 9);
  }
});

Deno.test("assignAtss() leaves out a centre that is not 0.01 px inside the box", () => {
  const anchors = makeAnchors({
    height: 64,
    width: 64,
    strides: [8],
    scale: 2,
  });
  const assigned = (left: number) => {
    const boxes = new Float32Array([left, 16, left + 16, 32]);
    const gt = { boxes, labels: new Int32Array([0]) };
    return assignAtss(anchors, gt, { numClasses: 1, topk: 64 }).gtIndex[3 * 8];
  };
  // The anchor with centre (0, 24) has IoU 1/3, the threshold of all is 0.2.
  assert.equal(assigned(-0.02), 0);
  assert.equal(assigned(-0.01), -1);
  assert.equal(assigned(0), -1);
});

Deno.test("assignAtss() ignores anchors that are not valid", () => {
  const anchors = makeAnchors({ height: 64, width: 64 });
  const boxes = new Float32Array([4, 4, 44, 44]);
  const gt = { boxes, labels: new Int32Array([0]) };
  const free = assignAtss(anchors, gt, { numClasses: 1 });
  const valid = Uint8Array.from(free.gtIndex, (index) => index < 0 ? 1 : 0);
  const { gtIndex } = assignAtss(anchors, gt, { numClasses: 1, valid });
  assert.ok(free.positives > 0);
  assert.ok(gtIndex.every((index, anchor) => index < 0 || valid[anchor] === 1));
});

Deno.test("mainRegion() is 1 on the positives and nowhere else", () => {
  const anchors = makeAnchors({ height: 64, width: 64 });
  const boxes = new Float32Array([4, 4, 44, 44, 20, 24, 60, 62]);
  const gt = { boxes, labels: new Int32Array([0, 1]) };
  const assignment = assignAtss(anchors, gt, { numClasses: 2 });
  const region = mainRegion(assignment);
  for (const [anchor, label] of assignment.labels.entries()) {
    assert.equal(region[anchor], label === 2 ? 0 : 1);
  }
  assert.equal(region.reduce((a, b) => a + b), assignment.positives);
});

Deno.test("atssCandidates() has no threshold when a box has one candidate", () => {
  const anchors = makeAnchors({ height: 8, width: 8, strides: [8] });
  const boxes = new Float32Array([0, 0, 8, 8]);
  const gt = { boxes, labels: new Int32Array([0]) };
  assert.ok(
    Number.isNaN(atssCandidates(anchors, gt, { topk: 9 }).thresholds[0]),
  );
  assert.equal(assignAtss(anchors, gt, { numClasses: 1 }).positives, 0);
});

Deno.test("atssCandidates() takes the lower index when centres are equally near", () => {
  const anchors = makeAnchors({ height: 16, width: 16, strides: [8] });
  const boxes = new Float32Array([0, 0, 8, 8]); // centre (4, 4), amid four
  const gt = { boxes, labels: new Int32Array([0]) };
  const { nearest } = atssCandidates(anchors, gt, { topk: 2 });
  assert.deepEqual([...nearest[0]], [0, 1]);
});

Deno.test("assignAtss() rejects what does not fit", () => {
  const anchors = makeAnchors({ height: 16, width: 16 });
  const boxes = new Float32Array([0, 0, 8, 8]);
  const labels = new Int32Array([3]);
  assert.throws(
    () => assignAtss(anchors, { boxes, labels }, { numClasses: 3 }),
    {
      name: "RangeError",
      message:
        "Cannot assign boxes: labels must be in [0, 3): current value is 3",
    },
  );
  const options = { numClasses: 4 };
  const short = { boxes: boxes.subarray(1), labels };
  assert.throws(() => assignAtss(anchors, short, options), TypeError);
  const gt = { boxes, labels };
  assert.throws(
    () => assignAtss(anchors, gt, { ...options, topk: 0 }),
    RangeError,
  );
  assert.throws(
    () => assignAtss(anchors, gt, { ...options, valid: new Uint8Array(3) }),
    TypeError,
  );
});
