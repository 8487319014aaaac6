import assert from "node:assert/strict";
import { type OverlapMeasure, pairwiseOverlaps } from "ldlab/boxes/overlaps.ts";
import { assertClose, goldenCases, type GoldenTensor } from "../golden.ts";

/** The boxes of each batch entry of a golden tensor `[..., N, 4]`. */
function batches({ shape, data }: GoldenTensor): Float32Array[] {
  const size = shape.at(-2)! * 4;
  const count = shape.slice(0, -2).reduce((a, b) => a * b, 1);
  return Array.from(
    { length: count },
    (_, i) => new Float32Array(data.slice(i * size, (i + 1) * size)),
  );
}

function diagonal(matrix: Float32Array, size: number): number[] {
  return Array.from({ length: size }, (_, i) => matrix[i * size + i]);
}

// bbox_overlaps.json: MMDetection 3.3.0; ld_repo_overlaps.json: HikariTJU/LD,
// whose "diou" is IoF less the distance of the centres.
for (const file of ["bbox_overlaps", "ld_repo_overlaps"]) {
  for (const { name, inputs, params, outputs } of await goldenCases(file)) {
    Deno.test(`pairwiseOverlaps() equals the reference when case is ${name}`, () => {
      const measure: OverlapMeasure = params.mode === "diou"
        ? "diof"
        : params.mode;
      const first = batches(inputs.b1);
      const second = batches(inputs.b2);
      const actual = first.flatMap((boxes, i) => {
        const matrix = pairwiseOverlaps(boxes, second[i], measure);
        return params.is_aligned
          ? diagonal(matrix, boxes.length / 4)
          : [...matrix];
      });
      assertClose(actual, outputs.out.data, { absolute: 1e-6 }, name);
    });
  }
}

// By hand: a = [0,0,4,2], area 8; b = [2,1,6,5], area 16; intersection
// 2 x 1 = 2; enclosing box 6 x 5; centres (2, 1) and (4, 3), rho² = 8, c² = 61.
Deno.test("pairwiseOverlaps() tells true DIoU and the released DIoF apart", () => {
  const a = new Float32Array([0, 0, 4, 2]);
  const b = new Float32Array([2, 1, 6, 5]);
  const expected: [OverlapMeasure, number][] = [
    ["iou", 2 / 22],
    ["iof", 2 / 8],
    ["giou", 2 / 22 - (30 - 22) / 30],
    ["diou", 2 / 22 - 8 / 61],
    ["diof", 2 / 8 - 8 / 61],
  ];
  for (const [measure, value] of expected) {
    const [actual] = pairwiseOverlaps(a, b, measure);
    assertClose([actual], [value], { absolute: 1e-7 }, measure);
  }
  // IoF and DIoF divide by the first box, so they are not symmetric.
  const [reversed] = pairwiseOverlaps(b, a, "diof");
  assertClose([reversed], [2 / 16 - 8 / 61], { absolute: 1e-7 });
});

Deno.test("pairwiseOverlaps() stays finite when boxes are empty or a pixel", () => {
  const pixel = new Float32Array([3, 3, 4, 4]);
  const point = new Float32Array([3, 3, 3, 3]);
  for (const measure of ["iou", "iof", "giou", "diou", "diof"] as const) {
    assert.equal(pairwiseOverlaps(pixel, pixel, measure)[0], 1, measure);
    const [nothing] = pairwiseOverlaps(point, point, measure);
    assert.ok(Number.isFinite(nothing), measure);
  }
  assert.equal(pairwiseOverlaps(point, pixel, "iou")[0], 0);
});

Deno.test("pairwiseOverlaps() rejects what is no box and no measure", () => {
  const box = new Float32Array(4);
  assert.throws(
    () => pairwiseOverlaps(new Float32Array(6), box, "iou"),
    TypeError,
  );
  assert.throws(
    () => pairwiseOverlaps(box, box, "ciou" as OverlapMeasure),
    RangeError,
  );
});
