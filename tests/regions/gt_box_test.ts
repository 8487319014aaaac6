import assert from "node:assert/strict";
import { makeAnchors, validAnchors } from "ldlab/boxes/anchors.ts";
import { backgroundRegion } from "ldlab/regions/background.ts";
import { gtBoxRegion, type GtBoxRule } from "ldlab/regions/gt_box.ts";
import { levelOfBox } from "ldlab/regions/level_of_box.ts";
import { goldenCases, type GoldenTensor, goldenTensors } from "../golden.ts";
import { goldenAnchors, goldenGroundTruth } from "./golden_anchors.ts";

// tests/golden/ld_head.safetensors: LDHead.get_im_region of HikariTJU/LD, which
// gives the region called "fitnet" for GI imitation as well.
const targets = await goldenTensors("ld_head");
for (const { name, params, inputs } of await goldenCases("ld_head")) {
  const key = (level: number) => `${name}/target/im_region.${level}`;
  const method = params.head_cfg?.imitation_method;
  if (!targets.has(key(0)) || method === "finegrained") continue;
  Deno.test(`gtBoxRegion() gives the imitation region of LDHead when case is ${name}`, () => {
    const anchors = goldenAnchors(params);
    for (const [image, { pad_shape }] of params.img_metas.entries()) {
      const [height, width] = pad_shape;
      const region = gtBoxRegion(
        anchors,
        goldenGroundTruth(inputs.gt_bboxes[image]),
        { valid: validAnchors(anchors, { height, width }) },
      );
      for (const [level, { start, count }] of anchors.levels.entries()) {
        const { data } = targets.get(key(level))!;
        assert.deepEqual(
          [...region.subarray(start, start + count)],
          [...data.subarray(image * count, (image + 1) * count)],
        );
      }
    }
  });
}

// tests/golden/defeat.safetensors: get_gt_mask and get_bb_gt_mask of
// ggjy/DeFeat.pytorch.
const masks = await goldenTensors("defeat");
for (
  const [rule, keys] of [
    ["ownLevel", [...masks.keys()].filter((key) => /^mask_gt\./.test(key))],
    ["finestLevel", ["mask_bb_gt"]],
  ] as [GtBoxRule, string[]][]
) {
  Deno.test(`gtBoxRegion() gives DeFeat's masks when the rule is ${rule}`, async () => {
    const [{ params, inputs }] = await goldenCases(
      "defeat",
      ({ name }) => name === "masks",
    );
    const { strides, featmap_sizes: levelSizes } = params;
    const anchors = makeAnchors({ height: 1, width: 1, strides, levelSizes });
    for (const [image, boxes] of inputs.gt_bboxes.entries()) {
      const region = gtBoxRegion(anchors, goldenGroundTruth(boxes), { rule });
      let total = 0;
      for (const [level, key] of keys.sort().entries()) {
        const { start, count } = anchors.levels[level];
        const expected = masks.get(key)!.data
          .subarray(image * count, (image + 1) * count);
        assert.deepEqual(
          [...region.subarray(start, start + count)],
          [...expected],
        );
        total += Array.from(expected).reduce((a, b) => a + b, 0);
      }
      assert.equal(region.reduce((a, b) => a + b), total);
    }
  });
}

Deno.test("backgroundRegion() has the rows that LDHead pairs with those of gtBoxRegion()", async () => {
  // Case im_decouple of ld_head.json is an error: as many background locations of
  // a level, of all images, do not fit as many inside boxes.
  const [broken] = await goldenCases(
    "ld_head",
    ({ error, params }) =>
      error !== undefined && params.imitation_method === "decouple",
  );
  const [{ params }] = await goldenCases("ld_head", ({ error }) => !error);
  const anchors = goldenAnchors(params);
  const size = (
    of: typeof gtBoxRegion,
    { start, count }: typeof anchors.levels[number],
  ) =>
    broken.inputs.gt_bboxes
      .map((boxes: GoldenTensor) => of(anchors, goldenGroundTruth(boxes)))
      .map((all: Float32Array) => all.subarray(start, start + count))
      .reduce(
        (sum: number, level: Float32Array) =>
          sum + level.reduce((a, b) => a + b),
        0,
      );
  const [outside, inside] = broken.error!.match(/\d+/g)!.map(Number);
  assert.ok(
    anchors.levels.some((level) =>
      size(backgroundRegion, level) === outside &&
      size(gtBoxRegion, level) === inside
    ),
  );
});

const anchors = makeAnchors({ height: 32, width: 40, strides: [8, 16] });

function boxed(boxes: number[][], rule: GtBoxRule): number[] {
  const gt = {
    boxes: new Float32Array(boxes.flat()),
    labels: new Int32Array(boxes.length),
  };
  return [...gtBoxRegion(anchors, gt, { rule })]
    .flatMap((one, anchor) => one ? [anchor] : []);
}

Deno.test("gtBoxRegion() leaves out centres on the side of a box", () => {
  // P3's centres at 0, 8, 16, ..., five a row; P4's at 0, 16, 32, three a row.
  assert.deepEqual(boxed([[8, 7, 17, 9]], "centre"), [5 + 2]);
  assert.deepEqual(boxed([[8, 8, 16, 16]], "centre"), []);
  assert.deepEqual(boxed([[1, 1, 31, 17]], "centre"), [
    6,
    7,
    8,
    11,
    12,
    13,
    20 + 4,
  ]);
});

Deno.test("gtBoxRegion() marks one cell when a box is small, none when it lies outside", () => {
  assert.deepEqual(boxed([[17, 9, 20, 12]], "ownLevel"), [5 + 2]);
  assert.deepEqual(boxed([[17, 9, 39, 12]], "finestLevel"), [5 + 2]);
  assert.deepEqual(boxed([[40, 9, 60, 12]], "ownLevel"), []);
  assert.deepEqual(boxed([[-40, -40, -20, -20]], "ownLevel"), []);
});

Deno.test("levelOfBox() doubles the size of objects from level to level", () => {
  // sqrt((w + 1)(h + 1)) / 56: below 2 is level 0, from 2 on 1, from 4 on 2.
  const level = (side: number) =>
    levelOfBox(new Float32Array([0, 0, side, side]), 0, 5);
  assert.deepEqual([0, 55, 110, 111, 222, 223].map(level), [0, 0, 0, 1, 1, 2]);
  assert.deepEqual([446, 447, 894, 895, 5000].map(level), [2, 3, 3, 4, 4]);
  // 56 times 1.9999994, which 1e-6 lifts above 2, and 1.99999.
  assert.deepEqual([110.99997, 110.9994].map(level), [1, 0]);
});

Deno.test("backgroundRegion() takes part in what is valid only", () => {
  const valid = validAnchors(anchors, { height: 16, width: 16 });
  const gt = {
    boxes: new Float32Array([-1, -1, 9, 9]),
    labels: new Int32Array([0]),
  };
  for (const rule of ["centre", "ownLevel", "finestLevel"] as const) {
    const inside = gtBoxRegion(anchors, gt, { rule, valid });
    const outside = backgroundRegion(anchors, gt, { rule, valid });
    assert.ok(inside.some((one) => one === 1));
    assert.deepEqual(
      inside.map((one, anchor) => one + outside[anchor]),
      Float32Array.from(valid),
    );
  }
});

Deno.test("gtBoxRegion() rejects what does not fit", () => {
  assert.throws(() => boxed([], "centre " as GtBoxRule), {
    name: "RangeError",
    message: "Cannot select boxes: rule must be centre, ownLevel or " +
      'finestLevel: current value is "centre "',
  });
  assert.throws(() => boxed([[1, 2, 3]], "centre"), TypeError);
  const gt = { boxes: new Float32Array(0), labels: new Int32Array(0) };
  const valid = new Uint8Array(2);
  assert.throws(() => gtBoxRegion(anchors, gt, { valid }), TypeError);
});

Deno.test("gtBoxRegion() marks all anchors of a cell", () => {
  const ratios = [0.5, 1, 2];
  const anchors = makeAnchors({ height: 8, width: 16, strides: [8], ratios });
  const gt = {
    boxes: new Float32Array([6, -2, 12, 6]),
    labels: new Int32Array([0]),
  };
  assert.deepEqual([...gtBoxRegion(anchors, gt)], [0, 0, 0, 1, 1, 1]);
  // The box covers trunc(6 / 8) = 0 to trunc(12 / 8) - 1 = 0.
  for (const rule of ["ownLevel", "finestLevel"] as const) {
    assert.deepEqual([...gtBoxRegion(anchors, gt, { rule })], [
      ...[1, 1, 1],
      ...[0, 0, 0],
    ]);
    assert.deepEqual([...backgroundRegion(anchors, gt, { rule })], [
      ...[0, 0, 0],
      ...[1, 1, 1],
    ]);
  }
});
