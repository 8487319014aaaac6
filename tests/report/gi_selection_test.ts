import assert from "node:assert/strict";
import { figureToText } from "ldlab/report/figure_text.ts";
import { giSelection, type SelectedBox } from "ldlab/report/gi_selection.ts";

// P3 has 2 × 2 locations, P4 one.
const picture = {
  image: { source: "data:image/png;base64,", width: 16, height: 16 },
  name: "a scene",
  truth: [[2, 3, 10, 11]],
  levels: [
    { name: "P3", stride: 8, height: 2, width: 2 },
    { name: "P4", stride: 16, height: 1, width: 1 },
  ],
};
const scores = [0.2, 0.01, 0.6, 0, 0.02];
const selected: SelectedBox[] = [
  { location: 0, box: [0, 0, 4, 4], by: "student" },
  { location: 1, box: [8, 0, 12, 4], by: "teacher" },
  { location: 2, box: [0, 8, 4, 12], by: "teacher" },
  { location: 4, box: [0, 0, 16, 16], by: "teacher" },
];
// deno-lint-ignore no-explicit-any
type Trace = any;

Deno.test("giSelection() ranks what a level keeps and draws whose box it is", () => {
  const { data, layout } = giSelection(picture, {
    title: "GI",
    scores,
    selected,
  });
  const cells: Trace = data[0];
  // Up to 0.05 neither cells nor boxes are drawn.
  assert.deepEqual(cells.z, [[0.2, null], [0.6, null]]);
  const ranks: Trace[] = data.filter(({ mode }) => mode === "text");
  // By falling score: locations 2, 0 and 1, a little inside the image.
  assert.deepEqual(ranks[0].text, ["<b>1</b>", "<b>2</b>", "<b>3</b>"]);
  assert.deepEqual(ranks[0].x, [0.48, 0.48, 8]);
  assert.deepEqual(ranks[0].y, [8, 0.48, 0.48]);
  assert.deepEqual(ranks[1].text, ["<b>1</b>"]);
  const boxes = (name: RegExp, xaxis: string) => {
    const { x }: Trace = data.find((trace: Trace) =>
      name.test(trace.name) && trace.xaxis === xaxis
    );
    return x;
  };
  assert.deepEqual(boxes(/^teacher/, "x"), [null, 0, 4, 4, 0, 0, null]);
  assert.deepEqual(boxes(/^student/, "x"), [null, 0, 4, 4, 0, 0, null]);
  assert.deepEqual(boxes(/^teacher/, "x2"), [null]);
  assert.deepEqual(
    layout.annotations.map(({ text }: Trace) => text),
    ["P3: 3 of 4", "P4: 1 of 1"],
  );
});

Deno.test("giSelection() tells in words what was selected", () => {
  const text = figureToText(
    giSelection(picture, { title: "GI", scores, selected }),
  );
  assert.match(
    text,
    /score difference, P3: 3 selected: 0\.60 \(teacher\), 0\.20 \(student\), 0\.01 \(teacher\)/,
  );
  assert.match(text, /student is surer: its box: 1 of 4 boxes/);
  const empty = figureToText(
    giSelection(picture, { title: "GI", scores, selected: [] }),
  );
  assert.match(empty, /score difference, P4: 0 selected/);
});

Deno.test("giSelection() refuses what does not fit the levels", () => {
  assert.throws(
    () => giSelection(picture, { title: "", scores: [1], selected: [] }),
    { name: "TypeError", message: /scores must have 5 values/ },
  );
  assert.throws(
    () =>
      giSelection(picture, {
        title: "",
        scores,
        selected: [{ location: 5, box: [0, 0, 1, 1], by: "teacher" }],
      }),
    { name: "RangeError", message: /must be 0 to 4: current value is 5/ },
  );
});
