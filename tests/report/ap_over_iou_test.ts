import assert from "node:assert/strict";
import { apOverIou, type IouRow } from "ldlab/report/ap_over_iou.ts";

const thresholds = [0.5, 0.75];
const curve = (first: number[], second: number[], ...gains: number[]) => ({
  ap: [first, second],
  gains: gains.map((mean) => ({ mean, halfWidth: 1 })),
});
const rows: IouRow[] = [
  {
    name: "alone",
    over: null,
    classes: [curve([70, 72], [30, 34]), curve([60, 60], [20, 20])],
  },
  {
    name: "LD",
    over: 0,
    paper: [null, 1.5],
    classes: [
      curve([72, 74], [33, 39], 2, 4),
      curve([61, 61], [22, 22], 1, 2),
    ],
  },
];
const draw = (of: readonly IouRow[], classes = ["all", "RBC"]) =>
  apOverIou(of, { thresholds, classes, over: "no LD", tested: "T" });
// deno-lint-ignore no-explicit-any
type Trace = any;

Deno.test("apOverIou() draws AP on the left, gains and the paper's on the right", () => {
  const { data, layout } = draw(rows);
  const lines: Trace[] = data.filter(({ mode }) => mode === "lines+markers");
  assert.deepEqual(lines.map(({ name, xaxis, x, y }) => [name, xaxis, x, y]), [
    ["alone", undefined, thresholds, [71, 32]],
    ["LD", undefined, thresholds, [73, 36]],
    ["LD", "x2", thresholds, [2, 4]],
  ]);
  assert.equal(lines[2].showlegend, false);
  const bands: Trace[] = data.filter(({ fill }) => fill === "toself");
  // 2 and 4 with an interval of 1; the upper edge goes first.
  assert.deepEqual(bands[2].y, [3, 5, 3, 1]);
  // Of 70 and 72: 71 and a deviation of √2.
  assert.ok(Math.abs(bands[0].y[0] - 71 - Math.SQRT2) < 1e-9);
  const paper: Trace = data.at(-1);
  assert.deepEqual([paper.x, paper.y], [[0.75], [1.5]]);
  assert.equal(
    layout.title.text,
    "AP over the IoU threshold, and its gain over no LD",
  );
});

Deno.test("apOverIou() turns to a class, of which the paper says nothing", () => {
  const { data, layout } = draw(rows);
  const [{ steps }] = layout.sliders;
  const [{ x, y }, { "title.subtitle.text": told }] = steps[1].args;
  assert.equal(y.length, data.length);
  assert.deepEqual(y.slice(3, 6), [[60, 20], [61, 22], [1, 2]]);
  assert.deepEqual([x.at(-1), y.at(-1)], [[], []]);
  assert.match(told, /T, RBC;/);
  // The first step is as the figure opens.
  assert.deepEqual(steps[0].args[0].y, data.map(({ y }) => y));
  const one = draw(
    rows.map((row) => ({ ...row, classes: row.classes.slice(0, 1) })),
    ["all"],
  );
  assert.equal(one.layout.sliders, undefined);
});

Deno.test("apOverIou() draws one seed without bands, and says which row has no result", () => {
  const none = { ap: [], gains: [] };
  const { data, layout } = draw([
    { name: "alone", over: null, classes: [{ ap: [[70], [30]], gains: [] }] },
    { name: "LD", over: 0, classes: [none] },
  ], ["all"]);
  assert.equal(layout.title.subtitle.text, "T, all");
  const bands = data.filter(({ fill }) => fill === "toself");
  assert.ok(bands.every(({ x }) => (x as number[]).length === 0));
  assert.ok(data.some(({ name }) => name === "LD: no result"));
});

Deno.test("apOverIou() refuses no rows, no classes and missing curves", () => {
  const wrong = { name: "RangeError", message: /Cannot draw AP over IoU/ };
  assert.throws(() => draw([]), wrong);
  assert.throws(() => draw([{ ...rows[0], classes: [] }], []), wrong);
  assert.throws(() => draw(rows, ["all"]), {
    ...wrong,
    message: /a curve for each of all: current numbers are \[2,2\]/,
  });
});
