import assert from "node:assert/strict";
import { makeAnchors, validAnchors } from "ldlab/boxes/anchors.ts";
import { assignAtss } from "ldlab/regions/atss.ts";
import { backgroundRegion } from "ldlab/regions/background.ts";
import { assignFcos } from "ldlab/regions/fcos.ts";
import { fcosVlrRegion } from "ldlab/regions/fcos_vlr.ts";
import { fgdBackground, fgdForeground } from "ldlab/regions/fgd_weights.ts";
import { fineGrainedRegion } from "ldlab/regions/fine_grained.ts";
import { gtBoxRegion } from "ldlab/regions/gt_box.ts";
import { mainRegion } from "ldlab/regions/main_region.ts";
import { assignMaxIou } from "ldlab/regions/max_iou.ts";
import {
  type LabelRegion,
  labelRegion,
  type Region,
  regionKey,
  regionNeeds,
  regionOptions,
} from "ldlab/regions/region.ts";
import { retinaVlrRegion } from "ldlab/regions/retina_vlr.ts";
import { vlrRegion } from "ldlab/regions/vlr.ts";

const imageSize = { height: 150, width: 192 };
const anchors = makeAnchors({ height: 192, width: 192 });
const valid = validAnchors(anchors, imageSize);
const gt = {
  boxes: new Float32Array([10.3, 20.2, 60.1, 75.8, 50.4, 30.1, 180.9, 190.2]),
  labels: new Int32Array([0, 1]),
};
const assignment = assignAtss(anchors, gt, { numClasses: 2, valid });
const input = { anchors, gt, assignment, imageSize, valid };

const kinds: [LabelRegion, Float32Array][] = [
  [{ kind: "all" }, Float32Array.from(valid)],
  [{ kind: "main" }, mainRegion(assignment)],
  [{ kind: "vlr" }, vlrRegion(anchors, gt, { valid })],
  [
    { kind: "vlr", gamma: 0.5, measure: "diou", positives: "removed" },
    vlrRegion(anchors, gt, {
      gamma: 0.5,
      measure: "diou",
      positives: "removed",
      valid,
    }),
  ],
  [
    { kind: "retinaVlr", weight: "mask" },
    retinaVlrRegion(anchors, gt, assignment, { weight: "mask", valid }),
  ],
  [{ kind: "fcosVlr" }, fcosVlrRegion(anchors, gt, assignment, { valid })],
  [{ kind: "gtBox" }, gtBoxRegion(anchors, gt, { valid })],
  [
    { kind: "gtBox", rule: "ownLevel" },
    gtBoxRegion(anchors, gt, { rule: "ownLevel", valid }),
  ],
  [
    { kind: "background", rule: "finestLevel" },
    backgroundRegion(anchors, gt, { rule: "finestLevel", valid }),
  ],
  [
    { kind: "fineGrained", share: 0.7, levels: "own" },
    fineGrainedRegion(anchors, gt, { share: 0.7, levels: "own", valid }),
  ],
  [{ kind: "fgdForeground" }, fgdForeground(anchors, gt, { imageSize, valid })],
  [{ kind: "fgdBackground" }, fgdBackground(anchors, gt, { imageSize, valid })],
];

for (const [region, expected] of kinds) {
  const what = JSON.stringify(region);
  Deno.test(`labelRegion() is what the region's own function gives when it is ${what}`, () => {
    const weights = labelRegion(region, input);
    assert.deepEqual(weights, expected);
    assert.ok(weights.some((weight) => weight > 0));
    assert.ok(weights.every((weight, a) => weight === 0 || valid[a] === 1));
    assert.equal(regionNeeds(region), "labels");
  });
}

Deno.test("labelRegion() works for every kind when nothing is there", () => {
  const nothing = { boxes: new Float32Array(0), labels: new Int32Array(0) };
  const assignment = assignAtss(anchors, nothing, { numClasses: 2 });
  for (const [region] of kinds) {
    const weights = labelRegion(region, {
      anchors,
      gt: nothing,
      assignment,
      imageSize,
    });
    const everywhere = ["all", "background", "fgdBackground"];
    if (!everywhere.includes(region.kind)) {
      assert.ok(weights.every((weight) => weight === 0), region.kind);
      continue;
    }
    for (const [anchor, weight] of weights.entries()) {
      const level = anchors.levels.findLast(({ start }) => start <= anchor)!;
      const uniform = region.kind === "fgdBackground" ? 1 / level.count : 1;
      assert.equal(weight, Math.fround(uniform), region.kind);
    }
  }
});

Deno.test("regionKey() names every option, and equal regions alike", () => {
  assert.equal(
    regionKey({ kind: "vlr" }),
    "vlr(gamma=0.25, ignoreIof=-1, measure=diof, positives=kept, topk=9, " +
      "upper=open, weight=iou)",
  );
  const equal: [Region, Region][] = [
    [{ kind: "vlr" }, { kind: "vlr", topk: 9, gamma: 0.25, upper: "open" }],
    [{ kind: "gtBox" }, { rule: "centre", kind: "gtBox" }],
    [{ kind: "gi", topk: undefined }, { kind: "gi", suppression: "batch" }],
  ];
  for (const [one, other] of equal) {
    assert.equal(regionKey(one), regionKey(other));
  }
  const keys = kinds.map(([region]) => regionKey(region));
  assert.equal(new Set(keys).size, kinds.length);
  assert.equal(regionNeeds({ kind: "gi" }), "predictions");
});

Deno.test("regionOptions() refuses what GI cannot select by, before any step", () => {
  for (
    const option of [
      { topk: 0 },
      { topk: 1.5 },
      { iouThreshold: -0.1 },
      { suppression: "level" as "batch" },
    ]
  ) {
    assert.throws(() => regionOptions({ kind: "gi", ...option }), {
      name: "RangeError",
      message: new RegExp(`^Cannot select GI boxes: ${Object.keys(option)[0]}`),
    });
  }
});

Deno.test("regions and assigners refuse boxes that are not finite", () => {
  const message = (task: string) => ({
    name: "RangeError",
    message: `Cannot ${task}: boxes must be finite: current box 1 is ` +
      "[50, NaN, 180, 190]",
  });
  const boxes = new Float32Array([10, 20, 60, 75, 50, NaN, 180, 190]);
  const broken = { ...gt, boxes };
  for (const [region] of kinds) {
    assert.throws(
      () => labelRegion(region, { ...input, gt: broken }),
      message("make a region"),
    );
  }
  const options = { numClasses: 2 };
  assert.throws(
    () => assignAtss(anchors, broken, options),
    message("choose candidates"),
  );
  for (const assign of [assignFcos, assignMaxIou]) {
    assert.throws(
      () => assign(anchors, broken, options),
      message("assign boxes"),
    );
  }
});

Deno.test("labelRegion() refuses an assignment of other anchors, whatever the kind", () => {
  const { gtIndex } = input.assignment;
  const assignment = { ...input.assignment, gtIndex: gtIndex.subarray(1) };
  for (const [region] of kinds) {
    assert.throws(() => labelRegion(region, { ...input, assignment }), {
      name: "TypeError",
      message: "Cannot make a region: the assignment must have " +
        `${gtIndex.length} entries, one for each anchor: current length is ` +
        `${gtIndex.length - 1}`,
    });
  }
});

Deno.test("regions reject kinds and options they do not know", () => {
  assert.throws(() => regionKey({ kind: "vlr", gama: 0.5 } as Region), {
    name: "RangeError",
    message: "Cannot make a region: vlr has gamma, topk, measure, weight, " +
      'upper, positives, ignoreIof: current option is "gama"',
  });
  const unknown = { kind: "toString" } as unknown as LabelRegion;
  assert.throws(() => regionKey(unknown), RangeError);
  assert.throws(() => labelRegion(unknown, input), RangeError);
  assert.throws(
    () => labelRegion({ kind: "main", rule: "centre" } as LabelRegion, input),
    /main has no options: current option is "rule"/,
  );
});
