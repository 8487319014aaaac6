import assert from "node:assert/strict";
import {
  drawJitter,
  placeBoxes,
  type Placement,
  TEACHER_JITTER,
} from "ldlab/data/jitter.ts";
import { createRandom } from "ldlab/random/random.ts";

const canvas = { width: 256, height: 192 };
const middle = {
  boxes: new Float32Array([100, 70, 150, 120]),
  labels: new Int32Array([1]),
};

function place(placement: Placement, ...boxes: number[][]) {
  const kept = placeBoxes(
    {
      boxes: Float32Array.from(boxes.flat()),
      labels: Int32Array.from(boxes.keys()),
    },
    placement,
    canvas,
    3,
  );
  return { boxes: [...kept.boxes], labels: [...kept.labels] };
}

Deno.test("placeBoxes() scales, shifts and clips, by hand", () => {
  // Half the size at (10, 20).
  assert.deepEqual(
    place({ width: 128, height: 96, left: 10, top: 20 }, [20, 40, 60, 100]),
    { boxes: [20, 40, 40, 70], labels: [0] },
  );
  // Twice the size, cropped at (100, 0): [-20, 40, 180, 240] on the canvas.
  assert.deepEqual(
    place({ width: 512, height: 384, left: -100, top: 0 }, [40, 20, 140, 120]),
    { boxes: [0, 40, 180, 192], labels: [0] },
  );
});

Deno.test("placeBoxes() keeps a box only if its centre is on the canvas", () => {
  const crop = { ...canvas, left: -50, top: 0 };
  // Centres at x = 50 and 49.5 of the image: 0 and -0.5 on the canvas.
  assert.deepEqual(
    place(crop, [30, 10, 70, 40], [29, 10, 70, 40]),
    { boxes: [0, 10, 20, 40], labels: [0] },
  );
});

Deno.test("placeBoxes() keeps a box only if both clipped sides exceed 3 pixels", () => {
  const same = { ...canvas, left: 0, top: 0 };
  assert.deepEqual(
    place(same, [10, 10, 13, 40], [10, 10, 13.5, 40], [10, 10, 40, 13]).labels,
    [1],
  );
  // Clipped: 6 wide, but only 3 of it on the canvas.
  assert.deepEqual(place(same, [-3, 10, 3, 40]).labels, []);
});

Deno.test("drawJitter() draws log-uniform scale and aspect, and uniform offsets", () => {
  const draws = 20_000;
  const logScales: number[] = [];
  const logAspects: number[] = [];
  const pasted: number[] = [];
  const cropped: number[] = [];
  const noBoxes = { boxes: new Float32Array(), labels: new Int32Array() };
  for (let i = 0; i < draws; i++) {
    const { placement } = drawJitter(
      createRandom(1, i),
      TEACHER_JITTER,
      canvas,
      noBoxes,
    );
    const across = placement.width / 256;
    const down = placement.height / 192;
    logScales.push(Math.log(across * down) / 2);
    logAspects.push(Math.log(across / down));
    const room = 256 - placement.width;
    // One of |room| + 1 whole offsets, as a number in (0, 1).
    const offset = (Math.abs(placement.left) + 0.5) / (Math.abs(room) + 1);
    if (room > 0) pasted.push(offset);
    if (room < 0) cropped.push(offset);
    assert.ok(room >= 0 ? placement.left >= 0 : placement.left <= 0);
    assert.ok(Math.abs(placement.left) <= Math.abs(room));
    assert.ok(
      Math.abs(placement.top) <= Math.abs(192 - placement.height),
    );
  }
  // Rounding to whole pixels moves the log of a side by up to 0.5 / 144.
  const uniform = (values: number[], low: number, high: number) => {
    const slack = 0.5 / 144 + 0.5 / 192;
    const mean = values.reduce((a, b) => a + b) / values.length;
    const square = values.reduce((a, b) => a + (b - mean) ** 2, 0) /
      values.length;
    const deviation = (high - low) / Math.sqrt(12);
    assert.ok(Math.min(...values) >= low - slack);
    assert.ok(Math.max(...values) <= high + slack);
    // 5 standard errors of the mean of a uniform.
    const error = 5 * deviation / Math.sqrt(values.length);
    assert.ok(Math.abs(mean - (low + high) / 2) < error, `mean ${mean}`);
    assert.ok(Math.abs(Math.sqrt(square) / deviation - 1) < 0.03);
  };
  uniform(logScales, Math.log(0.75), Math.log(1.4));
  uniform(logAspects, -0.1, 0.1);
  uniform(pasted, 0, 1);
  uniform(cropped, 0, 1);
  // ln(1/0.75) of ln(1.4/0.75) of the images shrink, aspect aside.
  const part = Math.log(1 / 0.75) / Math.log(1.4 / 0.75);
  assert.ok(Math.abs(pasted.length / draws - part) < 0.02);
});

Deno.test("drawJitter() draws again until a box is left", () => {
  // A corner box: most crops lose it.
  const corner = {
    boxes: new Float32Array([0, 0, 12, 12]),
    labels: new Int32Array([2]),
  };
  const enlarge = { scale: [1.3, 1.4], logAspect: 0, minimumSide: 3 } as const;
  let lostAtFirst = 0;
  for (let i = 0; i < 100; i++) {
    const result = drawJitter(createRandom(i), enlarge, canvas, corner);
    assert.equal(result.objects.labels.length, 1);
    const first = drawJitter(createRandom(i), enlarge, canvas, middle);
    if (
      placeBoxes(corner, first.placement, canvas, 3).labels.length === 0
    ) lostAtFirst++;
  }
  assert.ok(lostAtFirst > 50, `${lostAtFirst}`);
});

Deno.test("drawJitter() leaves the image alone when no draw can keep a box", () => {
  const tiny = {
    boxes: new Float32Array([100, 100, 102, 102]),
    labels: new Int32Array([0]),
  };
  const result = drawJitter(createRandom(1), TEACHER_JITTER, canvas, tiny);
  assert.deepEqual(result.placement, { ...canvas, left: 0, top: 0 });
  assert.deepEqual(result.objects, tiny);
});
