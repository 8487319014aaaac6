import assert from "node:assert/strict";
import { gainOverAp, type StudentGain } from "ldlab/report/gain_over_ap.ts";

const student = (name: string, ap: number, gain: number): StudentGain => ({
  name,
  here: { ap, gain, halfWidth: 0.5 },
  paper: { ap: ap + 1, gain: gain + 1 },
});
const draw = (students: readonly StudentGain[]) =>
  gainOverAp(students, { over: "the student alone", tested: "T" });
// deno-lint-ignore no-explicit-any
type Trace = any;
const traceOf = (figure: ReturnType<typeof draw>, name: string): Trace =>
  figure.data.find((trace) => trace.name === name);

Deno.test("gainOverAp() places students by their AP alone, beside the paper's", () => {
  const figure = draw([student("R50", 38, 2), student("R18", 32, 3)]);
  const here = traceOf(figure, "R50");
  assert.deepEqual([here.x, here.y, here.error_y.array], [[38], [2], [0.5]]);
  const paper = traceOf(figure, "R50, paper");
  assert.deepEqual([paper.x, paper.y], [[39], [3]]);
  assert.equal(paper.marker.symbol, `${here.marker.symbol}-open`);
  assert.notEqual(traceOf(figure, "R18").marker.symbol, here.marker.symbol);
  // The line goes from the weakest to the strongest.
  const [line, published] = figure.data;
  assert.deepEqual([line.x, line.y], [[32, 38], [3, 2]]);
  assert.deepEqual([published.x, published.y], [[33, 39], [4, 3]]);
  assert.ok(traceOf(figure, "open: paper"));
  const { title } = figure.layout;
  assert.equal(title.text, "Gain in AP over the student alone");
  assert.match(title.subtitle.text, /^T, with the mean's 95 % confidence/);
});

Deno.test("gainOverAp() draws one seed without interval, and what has no result", () => {
  const figure = draw([
    { name: "R18", here: { ap: 30, gain: 1, halfWidth: null }, paper: null },
    { name: "R50", here: null, paper: null },
  ]);
  assert.equal(traceOf(figure, "R18").error_y.visible, false);
  assert.deepEqual(traceOf(figure, "R50: no result").x, [null]);
  assert.deepEqual(traceOf(figure, "R18, paper").x, []);
  assert.equal(traceOf(figure, "open: paper"), undefined);
  assert.match(figure.layout.title.subtitle.text, /^T; against what/);
});

Deno.test("gainOverAp() refuses no students and too many", () => {
  for (const count of [0, 5]) {
    const students = Array.from({ length: count }, () => student("", 1, 1));
    assert.throws(() => draw(students), {
      name: "RangeError",
      message: new RegExp(`1 to 4 students: current number is ${count}`),
    });
  }
});
