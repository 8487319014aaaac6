import assert from "node:assert/strict";
import { makeAnchors } from "ldlab/boxes/anchors.ts";
import { assignBoxes } from "ldlab/regions/assignment.ts";
import { ignoredAnchors } from "ldlab/regions/ignored_anchors.ts";

const anchors = makeAnchors({
  height: 8,
  width: 24,
  strides: [8],
  scale: 1,
});
const gt = {
  boxes: new Float32Array([4, 0, 12, 8, 0, 0, 1, 1]),
  labels: new Int32Array([2, 1]),
};

Deno.test("assignBoxes() weighs the class of what takes part or learns a box", () => {
  const found = assignBoxes(anchors, gt, {
    gtIndex: new Int32Array([-1, 1, -1]),
    takesPart: new Uint8Array([1, 0, 0]),
    numClasses: 5,
  });
  assert.deepEqual([...found.labels], [5, 1, 5]);
  assert.deepEqual([...found.labelWeights], [1, 1, 0]);
  assert.deepEqual([...found.boxTargets], [0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0]);
  assert.equal(found.positives, 1);
});

Deno.test("assignBoxes() rejects what does not fit", () => {
  const gtIndex = new Int32Array([-1, 1, -1]);
  assert.throws(() => assignBoxes(anchors, gt, { gtIndex, numClasses: 2 }), {
    name: "RangeError",
    message:
      "Cannot assign boxes: labels must be in [0, 2): current value is 2",
  });
  const takesPart = new Uint8Array(2);
  for (
    const wrong of [{ gtIndex: gtIndex.subarray(1) }, { gtIndex, takesPart }]
  ) {
    assert.throws(
      () => assignBoxes(anchors, gt, { ...wrong, numClasses: 3 }),
      TypeError,
    );
  }
  const beyond = new Int32Array([-1, 2, -1]);
  assert.throws(
    () => assignBoxes(anchors, gt, { gtIndex: beyond, numClasses: 3 }),
    {
      name: "RangeError",
      message: "Cannot assign boxes: gtIndex must be below 2, the number of " +
        "boxes: current value of anchor 1 is 2",
    },
  );
  const boxes = gt.boxes.subarray(4);
  assert.throws(
    () => assignBoxes(anchors, { ...gt, boxes }, { gtIndex, numClasses: 3 }),
    TypeError,
  );
});

Deno.test("ignoredAnchors() marks what shares more than the threshold with one ignored box", () => {
  // Anchors 8 px wide around 0, 8 and 16; half of the first, 3/8 of the second
  // twice over, which does not add up.
  const ignored = new Float32Array([-4, -4, 0, 4, 4, -4, 7, 4, 9, -4, 12, 4]);
  const marks = (threshold: number) =>
    ignoredAnchors(anchors, { ...gt, ignored }, threshold);
  assert.deepEqual([...marks(0.4)!], [1, 0, 0]);
  assert.deepEqual([...marks(0.5)!], [0, 0, 0]);
  assert.deepEqual([...marks(0.3)!], [1, 1, 0]);
  assert.equal(marks(0), undefined);
  assert.equal(ignoredAnchors(anchors, gt, 0.5), undefined);
  assert.throws(
    () => ignoredAnchors(anchors, { ...gt, ignored: ignored.subarray(1) }, 0.5),
    TypeError,
  );
});
