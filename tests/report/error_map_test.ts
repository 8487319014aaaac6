import assert from "node:assert/strict";
import { errorMap } from "ldlab/report/error_map.ts";

const picture = {
  image: { source: "data:image/png;base64,A", width: 64, height: 32 },
  name: "a square",
  truth: [[4, 4, 40, 24]],
  levels: [
    { name: "P5", stride: 32, height: 1, width: 2 },
    { name: "P6", stride: 64, height: 1, width: 1 },
  ],
};
const other = {
  ...picture,
  image: { ...picture.image, source: "data:image/png;base64,B" },
  name: "a disc",
};
const maps = (...errors: number[][]) =>
  errors.map((errors, at) => ({ name: ["alone", "LD"][at], errors }));
const scenes = [
  { picture, maps: maps([0, 4, 7], [1, 1, 2]) },
  { picture: other, maps: maps([2, 2, 5], [8, 0, 1]) },
];
const draw = (of: Parameters<typeof errorMap>[0], open = "P5") =>
  errorMap(of, { title: "Errors", open });

Deno.test("errorMap() has a panel a student, opens at a level, and keeps errors of 0", () => {
  const { data, layout } = draw(scenes.slice(0, 1));
  const heat = data.filter(({ type }) => type === "heatmap");
  assert.deepEqual(heat.map(({ z }) => z), [[[0, 4]], [[7]], [[1, 1]], [[2]]]);
  assert.deepEqual(heat.map(({ visible }) => visible), [
    ...[true, false, true, false],
  ]);
  assert.deepEqual(heat.map(({ xaxis }) => xaxis), ["x", "x", "x2", "x2"]);
  assert.ok(heat.every(({ coloraxis }) => coloraxis === "coloraxis"));
  // Of P5 alone; P6 has the 7.
  assert.deepEqual([layout.coloraxis.cmin, layout.coloraxis.cmax], [0, 4]);
  assert.deepEqual(
    layout.annotations.map(({ text, visible }: Record<string, unknown>) => [
      text,
      visible,
    ]),
    [
      ["<b>alone</b>, mean 2.0", true],
      ["<b>alone</b>, mean 7.0", false],
      ["<b>LD</b>, mean 1.0", true],
      ["<b>LD</b>, mean 2.0", false],
    ],
  );
  assert.equal(layout.sliders.length, 1, "one image needs no slider");
});

Deno.test("errorMap() turns to another level and to another image, each by itself", () => {
  const { data, layout } = draw(scenes, "P6");
  const [levels, images] = layout.sliders;
  assert.deepEqual([levels.active, images.active], [1, 0]);
  const [traces, changed] = levels.steps[0].args;
  assert.equal(traces.visible.length, data.length);
  assert.deepEqual(traces.visible.slice(0, 4), [true, false, true, false]);
  assert.equal(changed["coloraxis.cmax"], 8, "over all images");
  assert.equal(changed["annotations[0].visible"], true);
  const [moved, told] = images.steps[1].args;
  assert.deepEqual(moved.z.slice(0, 4), [[[2, 2]], [[5]], [[8, 0]], [[1]]]);
  assert.equal(moved.visible, undefined, "the level stays");
  assert.equal(told["annotations[2].text"], "<b>LD</b>, mean 4.0");
  assert.equal(told["images[1].source"], other.image.source);
  assert.match(told["title.subtitle.text"], /a disc/);
});

Deno.test("errorMap() refuses no students, missing and negative errors", () => {
  assert.throws(() => draw([]), {
    name: "RangeError",
    message: /at least one/,
  });
  assert.throws(() => draw([{ picture, maps: [] }]), RangeError);
  assert.throws(() => draw([{ picture, maps: maps([1, 2]) }]), {
    name: "TypeError",
    message: /must have 3 values/,
  });
  assert.throws(
    () => draw([{ picture, maps: maps([1, -2, 3]) }]),
    RangeError,
  );
});

Deno.test("errorMap() refuses images that differ, and levels that there are not", () => {
  const [first] = scenes;
  const image = { ...picture.image, width: 32 };
  assert.throws(
    () => draw([first, { ...first, picture: { ...other, image } }]),
    { name: "RangeError", message: /'a disc' differs from 'a square'/ },
  );
  assert.throws(() => draw([first, { ...first, maps: maps([1, 1, 1]) }]), {
    message: /the same levels and students/,
  });
  assert.throws(() => draw(scenes, "P7"), {
    name: "RangeError",
    message: /one of P5, P6: current value is 'P7'/,
  });
});
