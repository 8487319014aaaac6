import assert from "node:assert/strict";
import { makeAnchors, validAnchors } from "ldlab/boxes/anchors.ts";
import { goldenCases, type GoldenTensor } from "../golden.ts";

// tests/golden/grids.json: AnchorGenerator of MMDetection 3.3.0.
const [golden] = (await goldenCases("grids")).filter((one) =>
  one.name === "anchor_0"
);
const { strides, featmap_sizes: levelSizes, pad_shape: padShape } =
  golden.params;

Deno.test("makeAnchors() equals MMDetection's anchors of GFL on 5 levels", () => {
  const anchors = makeAnchors({
    height: 64,
    width: 80,
    strides,
    scale: golden.params.octave_base_scale,
    levelSizes,
  });
  const expected = golden.outputs.priors.flatMap((level: GoldenTensor) =>
    level.data
  );
  assert.deepEqual([...anchors.boxes], expected);
  assert.equal(anchors.count, expected.length / 4);
});

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

Deno.test("validAnchors() equals MMDetection's valid flags when the image is padded", () => {
  const anchors = makeAnchors({ height: 64, width: 80, strides, levelSizes });
  const valid = validAnchors(anchors, {
    height: padShape[0],
    width: padShape[1],
  });
  const expected = golden.outputs.valid_flags.flatMap((level: GoldenTensor) =>
    level.data
  );
  assert.ok(expected.includes(0));
  assert.deepEqual([...valid], expected);
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
