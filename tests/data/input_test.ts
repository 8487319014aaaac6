import assert from "node:assert/strict";
import { checkInput, type InputConfig, inputSizes } from "ldlab/data/input.ts";
import { MULTI_SCALE_480_800, SINGLE_SCALE } from "ldlab/data/multi_scale.ts";

const input = {
  kind: "keepRatio",
  train: MULTI_SCALE_480_800,
  test: [1333, 800],
} as const;
const images = [{ width: 640, height: 480 }, { width: 500, height: 375 }, {
  width: 480,
  height: 640,
}];

Deno.test("inputSizes() gives the one size of a stretched input, also without images", () => {
  const stretch = { kind: "stretch", width: 256, height: 192 } as const;
  for (const phase of ["train", "test"] as const) {
    const sizes = inputSizes([], stretch, phase);
    assert.deepEqual(sizes, [{ width: 256, height: 192 }]);
  }
});

Deno.test("inputSizes() looks at training's scales and at the test's, by hand", () => {
  const sizes = (changes: Partial<typeof input>, phase: "train" | "test") =>
    inputSizes(images, { ...input, ...changes } as InputConfig, phase)
      .map(({ width, height }) => `${width}x${height}`);
  // 1067x800 and 800x1067 are the largest; half of them are 534x400, 400x534.
  const two = { buckets: 2 } as never;
  assert.deepEqual(sizes(two, "train"), ["1088x800", "800x1088"]);
  assert.equal(sizes({}, "train").length, 8);
  assert.deepEqual(sizes({}, "test"), ["1088x800", "800x1088"]);
  const half = { test: [667, 400] } as never;
  assert.deepEqual(sizes(half, "test"), ["544x416", "416x544"]);
  assert.deepEqual(sizes(half, "train"), sizes({}, "train"));
  const one = { buckets: 1 } as never;
  assert.deepEqual(sizes(one, "train"), ["1088x1088"]);
  // Tests pad each image by itself.
  assert.deepEqual(sizes(one, "test"), ["1088x800", "800x1088"]);
  assert.deepEqual(
    sizes({ train: SINGLE_SCALE, divisor: 128 } as never, "train"),
    ["1152x896", "896x1152"],
  );
  assert.throws(() => inputSizes([], input, "test"), RangeError);
});

Deno.test("checkInput() says what is wrong, and what would be right", () => {
  const wrong: [object, RegExp][] = [
    [{ kind: "crop" }, /stretch or keepRatio: current value is "crop"/],
    [{ kind: "stretch", width: 0, height: 8 }, /current size is 0x8/],
    [{ ...input, buckets: 0 }, /buckets must be a positive integer: .* is 0/],
    [{ ...input, divisor: 1.5 }, /divisor must be a positive integer/],
    [{ ...input, test: [1333, 0] }, /current scale is \[1333,0\]/],
    [
      { ...input, train: { mode: "range", scales: [[8, 8]] } },
      /needs two scales/,
    ],
    [
      { ...input, normalisation: "rgb" },
      /one of imagenetRgb, caffeBgr: current value is "rgb"/,
    ],
  ];
  for (const [config, message] of wrong) {
    assert.throws(() => checkInput(config as InputConfig), {
      name: "RangeError",
      message,
    });
  }
  checkInput({ ...input, normalisation: "caffeBgr", buckets: 5, divisor: 64 });
});
