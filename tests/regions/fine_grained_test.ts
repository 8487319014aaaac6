import assert from "node:assert/strict";
import { makeAnchors, validAnchors } from "ldlab/boxes/anchors.ts";
import {
  type FineGrainedOptions,
  fineGrainedRegion,
} from "ldlab/regions/fine_grained.ts";
import { goldenCases, goldenTensors } from "../golden.ts";
import { goldenAnchors, goldenGroundTruth } from "./golden_anchors.ts";

Deno.test("fineGrainedRegion() gives the imitation region of LDHead", async () => {
  // tests/golden/ld_head.safetensors: LDHead.get_im_region of HikariTJU/LD.
  const targets = await goldenTensors("ld_head");
  const [{ name, params, inputs }] = await goldenCases(
    "ld_head",
    ({ error, params }) =>
      !error && params.head_cfg.imitation_method === "finegrained",
  );
  const anchors = goldenAnchors(params);
  for (const [image, { pad_shape }] of params.img_metas.entries()) {
    const [height, width] = pad_shape;
    const region = fineGrainedRegion(
      anchors,
      goldenGroundTruth(inputs.gt_bboxes[image]),
      { valid: validAnchors(anchors, { height, width }) },
    );
    for (const [level, { start, count }] of anchors.levels.entries()) {
      const { data } = targets.get(`${name}/target/im_region.${level}`)!;
      assert.deepEqual(
        [...region.subarray(start, start + count)],
        [...data.subarray(image * count, (image + 1) * count)],
      );
    }
  }
});

Deno.test("fineGrainedRegion() gives DeFeat's masks when a box looks on its own level", async () => {
  // tests/golden/defeat.safetensors: get_roi_mask of ggjy/DeFeat.pytorch, with
  // three anchors a cell, any of which takes the cell in.
  const masks = await goldenTensors("defeat");
  const [{ params, inputs }] = await goldenCases(
    "defeat",
    ({ name }) => name === "masks",
  );
  const anchors = goldenAnchors(params);
  const perCell = anchors.count / params.featmap_sizes
    .reduce(
      (sum: number, [height, width]: number[]) => sum + height * width,
      0,
    );
  for (const [image, boxes] of inputs.gt_bboxes.entries()) {
    const region = fineGrainedRegion(anchors, goldenGroundTruth(boxes), {
      share: params.phi,
      levels: "own",
    });
    for (const [level, { start, count }] of anchors.levels.entries()) {
      const expected = masks.get(`mask_roi.${level}`)!.data
        .subarray(image * count / perCell, (image + 1) * count / perCell);
      const found = Array.from(expected, (_, cell) => {
        const first = start + cell * perCell;
        return Math.max(...region.subarray(first, first + perCell));
      });
      assert.deepEqual(found, [...expected]);
    }
  }
});

// Anchors 16 px wide around 0, 8, 16, ...
const anchors = makeAnchors({
  height: 8,
  width: 64,
  strides: [8],
  scale: 2,
});

function near(boxes: number[][], options?: FineGrainedOptions): number[] {
  const gt = {
    boxes: new Float32Array(boxes.flat()),
    labels: new Int32Array(boxes.length),
  };
  return [...fineGrainedRegion(anchors, gt, options)];
}

Deno.test("fineGrainedRegion() takes what is strictly nearer than the share of the best", () => {
  // IoUs 1/3, 1, 1/3.
  const box = [[0, -8, 16, 8]];
  assert.deepEqual(near(box, { share: 0.34 }), [0, 1, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual(near(box, { share: 0 }), [1, 1, 1, 0, 0, 0, 0, 0]);
  assert.deepEqual(near(box, { share: 1 }), [0, 0, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual(near([...box, [32, -8, 48, 8]]), [0, 1, 0, 0, 0, 1, 0, 0]);
});

Deno.test("fineGrainedRegion() is empty when nothing is there, or far away", () => {
  assert.deepEqual(near([]), [0, 0, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual(near([[100, 100, 110, 110]]), [0, 0, 0, 0, 0, 0, 0, 0]);
});

Deno.test("fineGrainedRegion() looks for the best among valid anchors", () => {
  const valid = new Uint8Array([1, 0, 1, 1, 1, 1, 1, 1]);
  const box = [[0, -8, 16, 8]];
  assert.deepEqual(near(box, { valid }), [1, 0, 1, 0, 0, 0, 0, 0]);
});

Deno.test("fineGrainedRegion() rejects what does not fit", () => {
  assert.throws(() => near([], { share: 2 }), {
    name: "RangeError",
    message: "Cannot select near anchors: share must be in [0, 1]: current " +
      "value is 2",
  });
  const levels = "one" as unknown as "own";
  assert.throws(() => near([], { levels }), RangeError);
  assert.throws(() => near([], { valid: new Uint8Array(3) }), TypeError);
  assert.throws(() => near([[1]]), TypeError);
});
