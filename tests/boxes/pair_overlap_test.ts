import assert from "node:assert/strict";
import { boxAreas, centerPenalty, pairIou } from "ldlab/boxes/pair_overlap.ts";
import { assertClose, goldenCases } from "../golden.ts";

// tests/golden/cluster_nms.json: Zzh-tju/CIoU `jaccard`, `diou` and `distance`.
const measures: Record<
  string,
  (boxes: Float32Array, areas: Float32Array, a: number, b: number) => number
> = {
  pairwise_jaccard: pairIou,
  pairwise_diou: (boxes, areas, a, b) =>
    pairIou(boxes, areas, a, b) - centerPenalty(boxes, a, b) ** 0.9,
  pairwise_distance: (boxes, _areas, a, b) => centerPenalty(boxes, a, b) ** 0.6,
};
const cases = await goldenCases(
  "cluster_nms",
  ({ name }) => name in measures,
);

for (const { name, inputs, outputs } of cases) {
  Deno.test(`pairIou() and centerPenalty() equal the reference when case is ${name}`, () => {
    const { a, b } = inputs;
    const boxes = new Float32Array([...a.data, ...b.data]);
    const areas = boxAreas(boxes);
    const actual = Array.from(outputs.out.data, (_, i) => {
      const row = Math.floor(i / b.shape[0]);
      return measures[name](boxes, areas, row, a.shape[0] + i % b.shape[0]);
    });
    assertClose(actual, outputs.out.data, { absolute: 1e-6 });
  });
}

Deno.test("pairIou() is 0 and centerPenalty() 0 when two boxes are one point", () => {
  const boxes = new Float32Array([3, 3, 3, 3, 3, 3, 3, 3]);
  assert.equal(pairIou(boxes, boxAreas(boxes), 0, 1), 0);
  assert.equal(centerPenalty(boxes, 0, 1), 0);
});

Deno.test("centerPenalty() adds 1e-7 to the diagonal, which small boxes show", () => {
  // Two squares of side 1/1024 beside each other: ρ² = s², c² = 5 s².
  const s = 1 / 1024;
  const boxes = new Float32Array([0, 0, s, s, s, 0, 2 * s, s]);
  const expected = s ** 2 / (5 * s ** 2 + 1e-7);
  assertClose([centerPenalty(boxes, 0, 1)], [expected], { relative: 1e-6 });
});
