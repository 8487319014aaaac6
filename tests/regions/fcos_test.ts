import assert from "node:assert/strict";
import { makeAnchors } from "ldlab/boxes/anchors.ts";
import { assignFcos } from "ldlab/regions/fcos.ts";
import { goldenCases, goldenTensors } from "../golden.ts";
import { goldenGroundTruth, pointsOf } from "./golden_anchors.ts";

// tests/golden/ld_variants.safetensors: LDFCOSHead of HikariTJU/LD. Only points
// that learn a box have a centre-ness, so its gradient shows which they are.
Deno.test("assignFcos() finds the points whose centre-ness LDFCOSHead learns", async () => {
  const tensors = await goldenTensors("ld_variants");
  const [{ name, params, inputs }] = await goldenCases(
    "ld_variants",
    ({ params }) => params?.head_cfg.type === "LDFCOSHead",
  );
  const points = pointsOf(params);
  const { num_classes: numClasses } = params.head_cfg;
  for (const [image, boxes] of inputs.gt_bboxes.entries()) {
    const gt = goldenGroundTruth(boxes, inputs.gt_labels[image]);
    const assignment = assignFcos(points, gt, { numClasses });
    for (const [level, { start, count }] of points.levels.entries()) {
      const key = `${name}/grad_total/centerness.${level}`;
      const learnt = tensors.get(key)!.data
        .subarray(image * count, (image + 1) * count);
      assert.deepEqual(
        [...assignment.gtIndex.subarray(start, start + count)]
          .map((box) => box >= 0),
        [...learnt].map((gradient) => gradient !== 0),
      );
    }
  }
});

const points = makeAnchors({
  height: 128,
  width: 128,
  strides: [8, 16],
  centerOffset: 0.5,
});
const regressRanges = [[-1, 64], [64, 1e8]] as const;

/** Points [x, y] that learn a box, and which. */
function learnt(boxes: number[][], options = {}): [number, number, number][] {
  const gt = {
    boxes: new Float32Array(boxes.flat()),
    labels: new Int32Array(boxes.length),
  };
  const { gtIndex } = assignFcos(points, gt, {
    numClasses: 1,
    regressRanges,
    ...options,
  });
  return [...gtIndex].flatMap((box, point) =>
    box < 0
      ? []
      : [[points.centers[point * 2], points.centers[point * 2 + 1], box]]
  );
}

Deno.test("assignFcos() takes points near the middle of the box, strictly", () => {
  // Points at 4, 12, 20, ...; centre 24, reach 12: 12 and 36 are just outside.
  assert.deepEqual(learnt([[4, 4, 44, 44]]), [
    [20, 20, 0],
    [28, 20, 0],
    [20, 28, 0],
    [28, 28, 0],
  ]);
  // Centre 24.5: 36 lies within 12 of it.
  assert.equal(learnt([[4, 4, 45, 45]]).length, 9);
});

Deno.test("assignFcos() takes all points inside the box when the radius is infinite", () => {
  // 12, 20, 28 and 36 in both; 4 and 44 lie on the sides.
  const options = { centerRadius: Infinity };
  assert.equal(learnt([[4, 4, 44, 44]], options).length, 16);
});

Deno.test("assignFcos() takes the smaller box where two may be learnt, the first when equal", () => {
  const large = [0, 0, 40, 40];
  const small = [16, 16, 24, 24];
  assert.deepEqual(
    learnt([large, small]).filter(([, , box]) => box === 1),
    [[20, 20, 1]],
  );
  assert.ok(learnt([large, large]).every(([, , box]) => box === 0));
});

Deno.test("assignFcos() takes the level whose range the farthest side is in", () => {
  // Of 60 px, no side is 64 away; of 128 px, from every point some side is more.
  const levelOf = (size: number) =>
    new Set(
      learnt([[0, 0, size, size]]).map(([x]) => x % 16 === 8 ? 1 : 0),
    );
  assert.deepEqual([...levelOf(60)], [0]);
  assert.deepEqual([...levelOf(128)], [1]);
  // The end of a range belongs to it: 64 from the point (60, 20) to x2 = 124.
  const [side] = learnt([[4, 4, 124, 36]], { centerRadius: 0.6 });
  assert.deepEqual(side, [60, 20, 0]);
});

Deno.test("assignFcos() has FCOS's ranges when it is told none", () => {
  // FCOS, section 3.2: up to 64, 128, 256, 512 and all beyond.
  const ends = [64, 128, 256, 512, Infinity];
  const points = makeAnchors({ height: 128, width: 640, centerOffset: 0.5 });
  const gt = {
    boxes: new Float32Array([0, 0, 0, 66]),
    labels: new Int32Array([0]),
  };
  const options = { numClasses: 1, centerRadius: Infinity };
  // A quarter off each end of a range, for the leftmost points of a level.
  const widths = points.levels.flatMap(({ stride }, level) =>
    [ends[level - 1], ends[level]].filter(Number.isFinite)
      .flatMap((end) => [-0.25, 0, 0.25].map((by) => end + stride / 2 + by))
  );
  for (const width of widths) {
    gt.boxes[2] = width;
    const { gtIndex } = assignFcos(points, gt, options);
    for (const [level, { start, count }] of points.levels.entries()) {
      for (let point = start; point < start + count; point++) {
        const [x, y] = points.centers.subarray(point * 2, point * 2 + 2);
        const far = Math.max(x, width - x, y, 66 - y);
        const inside = x < width && y < 66;
        const fits = far >= (ends[level - 1] ?? 0) && far <= ends[level];
        assert.equal(gtIndex[point], inside && fits ? 0 : -1);
      }
    }
  }
});

Deno.test("assignFcos() makes everything background when nothing is there", () => {
  assert.deepEqual(learnt([]), []);
});

Deno.test("assignFcos() leaves out points that are not valid", () => {
  const valid = new Uint8Array(points.count);
  assert.deepEqual(learnt([[4, 4, 44, 44]], { valid }), []);
});

Deno.test("assignFcos() rejects what does not fit", () => {
  const box = [[4, 4, 44, 44]];
  assert.throws(() => learnt(box, { regressRanges: [[-1, 64]] }), {
    name: "TypeError",
    message:
      "Cannot assign boxes: regressRanges must have 2 entries, one for " +
      "each level: current length is 1",
  });
  assert.throws(() => learnt(box, { centerRadius: 0 }), RangeError);
  assert.throws(() => learnt(box, { numClasses: 0 }), RangeError);
  assert.throws(() => learnt(box, { valid: new Uint8Array(3) }), TypeError);
});
