import assert from "node:assert/strict";
import {
  drawScale,
  MULTI_SCALE_480_800,
  MULTI_SCALE_480_960,
  type MultiScale,
  SINGLE_SCALE,
} from "ldlab/data/multi_scale.ts";
import { createRandom } from "ldlab/random/random.ts";

function draws(multiScale: MultiScale, count: number) {
  return Array.from(
    { length: count },
    (_, i) => drawScale(createRandom(6, i), multiScale),
  );
}

Deno.test("drawScale() draws every whole number of the published ranges alike", () => {
  for (
    const [multiScale, low, high] of [
      [MULTI_SCALE_480_800, 480, 800],
      [MULTI_SCALE_480_960, 480, 960],
    ] as const
  ) {
    const scales = draws(multiScale, 20_000);
    assert.ok(scales.every(([long]) => long === 1333));
    const shorts = scales.map(([, short]) => short);
    const values = high - low + 1;
    assert.equal(new Set(shorts).size, values);
    assert.equal(Math.min(...shorts), low);
    assert.equal(Math.max(...shorts), high);
    // 5 standard errors of the mean of a discrete uniform.
    const mean = shorts.reduce((a, b) => a + b) / shorts.length;
    const deviation = Math.sqrt((values ** 2 - 1) / 12);
    const error = 5 * deviation / Math.sqrt(shorts.length);
    assert.ok(Math.abs(mean - (low + high) / 2) < error, `mean ${mean}`);
  }
});

Deno.test("drawScale() draws both bounds on their own, in any order", () => {
  const scales = draws({ mode: "range", scales: [[12, 5], [10, 6]] }, 500);
  const kinds = new Set(scales.map(String));
  assert.deepEqual([...kinds].sort(), [
    "10,5",
    "10,6",
    "11,5",
    "11,6",
    "12,5",
    "12,6",
  ]);
});

Deno.test("drawScale() draws each of the listed scales alike", () => {
  const scales = [[1333, 640], [1333, 672], [1333, 800]] as const;
  const drawn = draws({ mode: "value", scales }, 6000);
  for (const scale of scales) {
    const part = drawn.filter((one) => one === scale).length / 6000;
    // 5 standard errors of a share of 1/3.
    assert.ok(Math.abs(part - 1 / 3) < 5 * Math.sqrt(2 / 9 / 6000));
  }
  assert.deepEqual(drawScale(createRandom(1), SINGLE_SCALE), [1333, 800]);
});

Deno.test("drawScale() depends on the generator only", () => {
  assert.deepEqual(
    draws(MULTI_SCALE_480_960, 9),
    draws(MULTI_SCALE_480_960, 9),
  );
});

Deno.test("drawScale() fails when the scales do not suit the mode or are no pixels", () => {
  const draw = (multiScale: MultiScale) => () =>
    drawScale(() => 0.5, multiScale);
  const scale = [1333, 800] as const;
  for (
    const [multiScale, message] of [
      [{ mode: "range", scales: [scale] }, /two scales: current number is 1/],
      [
        { mode: "range", scales: [scale, scale, scale] },
        /two scales: current number is 3/,
      ],
      [
        { mode: "value", scales: [] },
        /at least one scale: current number is 0/,
      ],
      [{ mode: "value", scales: [[1333, 0]] }, /current scale is \[1333,0\]/],
      [
        { mode: "range", scales: [[1333, 480.5], scale] },
        /positive integers: current scale is \[1333,480.5\]/,
      ],
    ] as const
  ) {
    assert.throws(draw(multiScale), { name: "RangeError", message });
  }
});
