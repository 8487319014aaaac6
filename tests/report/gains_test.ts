import assert from "node:assert/strict";
import { figureToText } from "ldlab/report/figure_text.ts";
import { gains, type RowGain } from "ldlab/report/gains.ts";

const clear: RowGain = { mean: 2, halfWidth: 0.5, seeds: [1.8, 2.2], paper: 1 };
const open: RowGain = { mean: -1, halfWidth: 3, seeds: [-4, 2], paper: null };
const diverged: RowGain = {
  mean: NaN,
  halfWidth: null,
  seeds: [0.5],
  paper: 1.5,
};
const draw = (rows: Record<string, RowGain[]>, metrics = ["AP"]) =>
  gains(Object.entries(rows).map(([name, gains]) => ({ name, gains })), {
    metrics,
    over: "no LD",
    tested: "somewhere",
  });
// deno-lint-ignore no-explicit-any
type Trace = any;
const traceOf = (figure: ReturnType<typeof draw>, name: string): Trace =>
  figure.data.find((trace) => trace.name === name);

Deno.test("gains() has a line a row: mean, interval, seeds and the paper's gain", () => {
  const figure = draw({ LD: [clear], KD: [open] });
  const sure = traceOf(figure, "here, 0 outside the interval");
  assert.deepEqual([sure.x, sure.y, sure.error_x.array], [[2], [0], [0.5]]);
  const unsure = traceOf(figure, "here, 0 in the interval");
  assert.deepEqual([unsure.x, unsure.y, unsure.error_x.array], [[-1], [1], [
    3,
  ]]);
  const seeds = traceOf(figure, "one seed");
  assert.deepEqual(seeds.x, [1.8, 2.2, -4, 2]);
  assert.deepEqual(seeds.y.map(Math.round), [0, 0, 1, 1]);
  const paper = traceOf(figure, "paper");
  assert.deepEqual([paper.x, paper.y.map(Math.round)], [[1], [-0]]);
  const { title, yaxis, yaxis2, xaxis } = figure.layout;
  assert.equal(title.text, "Gain in AP over no LD");
  assert.deepEqual(yaxis.ticktext, ["LD", "KD"]);
  assert.deepEqual(yaxis2.ticktext, ["+2.0 ± 0.5", "−1.0 ± 3.0"]);
  // The first row is on top; -4 to 2.5 and 0 lie inside.
  assert.deepEqual(yaxis.range, [1.5, -0.5]);
  assert.ok(xaxis.range[0] < -4 && xaxis.range[1] > 2.5);
  assert.equal(figure.layout.sliders, undefined);
});

Deno.test("gains() draws one seed without interval, and says that it is one", () => {
  const one = { mean: 2, halfWidth: null, seeds: [2], paper: 1 };
  const figure = draw({ LD: [one] });
  assert.deepEqual(traceOf(figure, "here").x, [2]);
  assert.deepEqual(traceOf(figure, "here").error_x.array, [0]);
  // It would lie on the mean.
  assert.deepEqual(traceOf(figure, "one seed").x, []);
  assert.match(figure.layout.title.subtitle.text, /one seed, which cannot say/);
  assert.deepEqual(figure.layout.yaxis2.ticktext, ["+2.0"]);
});

Deno.test("gains() shows of a row that diverged the seeds that did not", () => {
  const figure = draw({ LD: [clear], KD: [diverged] });
  assert.deepEqual(figure.layout.yaxis2.ticktext, ["+2.0 ± 0.5", "no result"]);
  assert.deepEqual(traceOf(figure, "one seed").x, [1.8, 2.2, 0.5]);
  assert.deepEqual(traceOf(figure, "here, 0 outside the interval").x, [2]);
  assert.ok(figure.layout.xaxis.range.every(Number.isFinite));
  // One seed of several is gone: that is not one seed.
  const { subtitle } = draw({ KD: [diverged] }).layout.title;
  assert.doesNotMatch(subtitle.text, /one seed/);
  const none = draw({ KD: [{ ...diverged, seeds: [], paper: null }] });
  assert.ok(none.layout.xaxis.range.every(Number.isFinite));
  assert.doesNotMatch(JSON.stringify(none), /NaN|null/);
  assert.match(figureToText(none), /paper: none/);
});

Deno.test("gains() turns to other metrics by a slider", () => {
  const { data, layout } = draw({ LD: [clear, open] }, ["AP", "AP75"]);
  const [{ steps, active }] = layout.sliders;
  assert.equal(active, 0);
  const [traces, changed] = steps[1].args;
  // AP75's mean is of the second trace: its interval holds 0.
  assert.deepEqual(traces.x.slice(0, 2), [[], [-1]]);
  assert.deepEqual(traces["error_x.array"].slice(0, 2), [[], [3]]);
  assert.equal(traces.x.length, data.length);
  assert.equal(changed["title.text"], "Gain in AP75 over no LD");
  assert.deepEqual(changed["yaxis2.ticktext"], ["−1.0 ± 3.0"]);
  // The first step is as the figure opens.
  assert.deepEqual(steps[0].args[0].x, data.map(({ x }) => x));
});

Deno.test("gains() refuses no rows, no metrics and missing gains", () => {
  const wrong = { name: "RangeError", message: /Cannot draw gains/ };
  assert.throws(() => draw({}), wrong);
  assert.throws(() => draw({ LD: [] }, []), wrong);
  assert.throws(() => draw({ LD: [clear] }, ["AP", "AP75"]), {
    ...wrong,
    message: /a gain in each of AP, AP75: current numbers of gains are \[1\]/,
  });
});
