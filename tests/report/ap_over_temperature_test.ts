import assert from "node:assert/strict";
import { apOverTemperature } from "ldlab/report/ap_over_temperature.ts";

const paper = [
  { temperature: null, ap: [40.1] },
  { temperature: 1, ap: [40.3] },
  { temperature: 10, ap: [41.1] },
];
const rows = [
  { temperature: 10, ap: [41, 43] },
  { temperature: null, ap: [38, 40] },
  { temperature: 1, ap: [39, 39.5] },
];
const draw = (ours: typeof rows | { temperature: null; ap: number[] }[]) =>
  apOverTemperature({ rows: ours, paper, here: "H", there: "P" });
// deno-lint-ignore no-explicit-any
type Trace = any;

Deno.test("apOverTemperature() draws means in order of τ with deviations", () => {
  const { data } = draw(rows);
  const mean: Trace = data.find((trace) => "error_y" in trace);
  assert.deepEqual(mean.x, [1, 10]);
  assert.deepEqual(mean.y, [39.25, 42]);
  // Two values: deviation = |difference| / sqrt(2).
  assert.ok(Math.abs(mean.error_y.array[1] - Math.SQRT2) < 1e-12);
  const dots: Trace = data.find((trace) => trace.mode === "markers");
  assert.deepEqual(dots.y, [39, 39.5, 41, 43]);
});

Deno.test("apOverTemperature() puts both baselines at the same height", () => {
  const { layout } = draw(rows);
  const place = (range: number[], value: number) =>
    (value - range[0]) / (range[1] - range[0]);
  // Ours 39, the paper's 40.1; one AP is equally high on both axes.
  for (const gain of [0, 1]) {
    const left = place(layout.yaxis.range, 39 + gain);
    const right = place(layout.yaxis2.range, 40.1 + gain);
    assert.ok(Math.abs(left - right) < 1e-12);
    assert.ok(left > 0 && left < 1);
  }
});

Deno.test("apOverTemperature() leaves deviations out with one seed", () => {
  const { data } = draw(rows.map((row) => ({ ...row, ap: [row.ap[0]] })));
  assert.equal(data.some((trace) => trace.mode === "markers"), false);
  assert.equal(data.some((trace) => "fill" in trace), false);
  const mean: Trace = data.find((trace) => "error_y" in trace);
  assert.equal(mean.error_y.visible, false);
});

Deno.test("apOverTemperature() refuses rows that it cannot compare", () => {
  assert.throws(() => draw(rows.filter((row) => row.temperature !== null)), {
    name: "RangeError",
    message: /rows of H must hold a baseline/,
  });
  assert.throws(
    () => draw(rows.filter((row) => row.temperature === null)),
    /at least one temperature/,
  );
  assert.throws(
    () => draw([...rows, { temperature: 0, ap: [1] }]),
    { name: "RangeError", message: /above 0: current value is 0/ },
  );
  assert.throws(() => draw([...rows, { temperature: 5, ap: [] }]), RangeError);
});
