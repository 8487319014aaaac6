import assert from "node:assert/strict";
import type { BoxMotion } from "ldlab/report/box_motion.ts";
import { figureToText } from "ldlab/report/figure_text.ts";
import { stillFigure } from "ldlab/report/figure.ts";
import { movingBox } from "ldlab/report/moving_box.ts";

const motion: BoxMotion = {
  shifts: [-1, -0.5, 0, 0.5, 1],
  unit: "strides",
  target: [0, 0, 2, 2],
  teacher: [0.5, 0, 2.5, 2],
  student: [-1, -0.5, 0, 0.5, 1].map((by) => [by, 0, 2 + by, 2]),
  teacherShift: 0.5,
  panels: [
    { title: "LD", losses: [{ name: "LD", values: [9, 4, 1, 0, 1] }] },
    {
      title: "GIoU and TBR",
      losses: [
        { name: "GIoU", values: [4, 1, 0, 1, 4] },
        { name: "TBR", values: [4, 1, 0, 1, 4] },
        { name: "TBR 2", values: [4, 0, 0, 0, 4] },
      ],
    },
  ],
};
const options = { title: "A box moves", states: [0, 2, 4], open: 2 };
// deno-lint-ignore no-explicit-any
type Trace = any;

Deno.test("movingBox() moves the box and a mark on every loss", () => {
  const { data, layout } = movingBox(motion, options);
  const [slider] = layout.sliders;
  assert.equal(slider.active, 1);
  assert.deepEqual(slider.steps.map(({ label }: Trace) => label), [
    "-1",
    "0",
    "1",
  ]);
  const [{ x, y }, traces] = slider.steps[2].args;
  const moved: Trace[] = traces.map((at: number) => data[at]);
  assert.deepEqual(moved.map(({ name }) => name), [
    "moving box",
    undefined,
    undefined,
  ]);
  // The box at shift 1, and the losses there.
  assert.deepEqual(x, [[1, 3, 3, 1, 1], [1], [1, 1, 1]]);
  assert.deepEqual(y, [[0, 0, 2, 2, 0], [1], [4, 4, 4]]);
  // It opens at shift 0.
  const open = slider.steps[1].args[0];
  assert.deepEqual(open.x, moved.map(({ x }) => x));
  assert.deepEqual(open.y, moved.map(({ y }) => y));
  assert.equal(stillFigure({ data, layout }).layout.sliders, undefined);
});

Deno.test("movingBox() marks the teacher's shift and where the box is nearer", () => {
  const { layout } = movingBox(motion, options);
  assert.deepEqual(
    layout.shapes.map(({ type, x0, x1, xref }: Trace) => [type, x0, x1, xref]),
    [
      ["rect", -0.5, 0.5, "x2"],
      ["line", 0.5, 0.5, "x2"],
      ["rect", -0.5, 0.5, "x3"],
      ["line", 0.5, 0.5, "x3"],
    ],
  );
});

Deno.test("movingBox() tells in words where a loss is lowest", () => {
  const text = figureToText(movingBox(motion, options));
  assert.match(
    text,
    /LD: lowest 0\.000 first at 0\.50, 1\.000 at 0\.00, 0\.000 at 0\.50/,
  );
  assert.match(text, /GIoU: lowest 0\.000 first at 0\.00/);
  assert.match(text, /teacher's box: \[0\.5, 0, 2\.5, 2\] strides/);
});

Deno.test("movingBox() refuses losses and states that do not fit", () => {
  const draw = (change: Partial<BoxMotion>, more = {}) =>
    movingBox({ ...motion, ...change }, { ...options, ...more });
  const loss = { name: "LD", values: [1] };
  assert.throws(() => draw({ panels: [{ title: "", losses: [loss] }] }), {
    name: "TypeError",
    message:
      /LD must have a value for each of the 5 shifts: current number is 1/,
  });
  assert.throws(() => draw({ student: [] }), TypeError);
  assert.throws(() => draw({ panels: [] }), RangeError);
  assert.throws(() => draw({ panels: [{ title: "p", losses: [] }] }), {
    name: "RangeError",
    message: /panel "p" must have 1 to 4 losses: current number is 0/,
  });
  assert.throws(() => draw({}, { open: 1 }), RangeError);
  assert.throws(() => draw({}, { states: [2, 9] }), RangeError);
});
