import assert from "node:assert/strict";
import { makeAnchors, validAnchors } from "ldlab/boxes/anchors.ts";
import { type GoldenCase, goldenCases, type GoldenTensor } from "../golden.ts";

// tests/golden/grids.json: AnchorGenerator and MlvlPointGenerator of
// MMDetection 3.3.0. The file holds the first 60 anchors of levels where there
// are many.
const named = (kind: string) => ({ name }: GoldenCase) => name.startsWith(kind);

/** The anchors of a case, which may have several a cell or be points. */
function anchorsOf({ params }: GoldenCase) {
  const octave = params.scales_per_octave;
  return makeAnchors({
    height: params.featmap_sizes[0][0] * params.strides[0],
    width: params.featmap_sizes[0][1] * params.strides[0],
    strides: params.strides,
    levelSizes: params.featmap_sizes,
    centerOffset: params.center_offset ?? params.offset,
    ratios: params.ratios,
    scale: octave === undefined
      ? params.scales
      : Array.from({ length: octave }, (_, i) =>
        params.octave_base_scale * 2 ** (i / octave)),
  });
}

for (const one of await goldenCases("grids", named("anchor"))) {
  Deno.test(`makeAnchors() equals MMDetection's anchors when case is ${one.name}`, () => {
    const anchors = anchorsOf(one);
    for (const [level, { start }] of anchors.levels.entries()) {
      const { data } = one.outputs.priors[level];
      // To the bit: assignment by max IoU asks which anchors tie.
      assert.deepEqual(
        [...anchors.boxes.subarray(start * 4, start * 4 + data.length)],
        data.map(Math.fround),
      );
    }
    const valid: number[] = one.outputs.valid_flags.flatMap((
      level: GoldenTensor,
    ) => level.data);
    if (valid.length === 0) return;
    const [height, width] = one.params.pad_shape;
    assert.deepEqual([...validAnchors(anchors, { height, width })], valid);
  });
}

for (const one of await goldenCases("grids", named("points"))) {
  Deno.test(`makeAnchors() has MMDetection's points as centres when case is ${one.name}`, () => {
    const { centers, strides, levels } = anchorsOf(one);
    for (const [level, { start, count }] of levels.entries()) {
      const columns = one.params.with_stride ? 4 : 2;
      const { data } = one.outputs.priors[level];
      assert.equal(data.length, count * columns);
      for (let i = 0; i < count; i++) {
        const [x, y, ...stride] = data.slice(i * columns, (i + 1) * columns);
        assert.deepEqual(
          [...centers.subarray((start + i) * 2).subarray(0, 2)],
          [
            x,
            y,
          ],
        );
        for (const s of stride) assert.equal(s, strides[start + i]);
      }
    }
  });
}

Deno.test("makeAnchors() rounds level sizes up like stride-2 layers when no sizes are given", () => {
  const { levels } = makeAnchors({ height: 65, width: 321 });
  assert.deepEqual(
    levels.map(({ height, width }) => [height, width]),
    [[9, 41], [5, 21], [3, 11], [2, 6], [1, 3]],
  );
  assert.deepEqual(levels.map(({ start }) => start), [0, 369, 474, 507, 519]);
});

Deno.test("makeAnchors() puts every centre and stride in the middle of its box", () => {
  const anchors = makeAnchors({ height: 100, width: 60, scale: 3 });
  for (let i = 0; i < anchors.count; i++) {
    const [x1, y1, x2, y2] = anchors.boxes.subarray(i * 4, i * 4 + 4);
    assert.equal((x1 + x2) / 2, anchors.centers[i * 2]);
    assert.equal((y1 + y2) / 2, anchors.centers[i * 2 + 1]);
    assert.equal(x2 - x1, 3 * anchors.strides[i]);
    assert.equal(y2 - y1, 3 * anchors.strides[i]);
  }
});

Deno.test("makeAnchors() rejects sizes that make no anchors", () => {
  assert.throws(() => makeAnchors({ height: 0, width: 8 }), RangeError);
  assert.throws(
    () => makeAnchors({ height: 8, width: 8, strides: [8, -8] }),
    RangeError,
  );
  assert.throws(
    () => makeAnchors({ height: 8, width: 8, scale: NaN }),
    RangeError,
  );
  assert.throws(
    () => makeAnchors({ height: 8, width: 8, levelSizes: [[1, 1]] }),
    {
      name: "TypeError",
      message: "Cannot make anchors: levelSizes must have 5 entries like " +
        "strides: current length is 1",
    },
  );
  assert.throws(
    () =>
      makeAnchors({ height: 8, width: 8, strides: [8], levelSizes: [[0, 1]] }),
    RangeError,
  );
});

Deno.test("validAnchors() marks all anchors when the image fills the input", () => {
  const anchors = makeAnchors({ height: 70, width: 130 });
  const valid = validAnchors(anchors, { height: 70, width: 130 });
  assert.ok(valid.every((flag) => flag === 1));
  assert.throws(
    () => validAnchors(anchors, { height: 0, width: 130 }),
    RangeError,
  );
});
