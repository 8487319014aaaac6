import assert from "node:assert/strict";
import { edgeDistributions } from "ldlab/report/edge_distributions.ts";
import type { EdgeExample } from "ldlab/report/edge_example.ts";
import { assertClose } from "../golden.ts";

// exp of it: 1, 2, 1; so p = 1/4, 1/2, 1/4 and the mean distance is 1 bin.
const even = [0, Math.LN2, 0];
// exp: 1, 1, 2; mean (0 + 1 + 4) / 4 = 1.25 bins.
const far = [0, 0, Math.LN2];
const example: EdgeExample = {
  image: { source: "data:image/png;base64,", width: 100, height: 80 },
  name: "a scene",
  location: [40, 30],
  stride: 8,
  truth: [32, 22, 52, 38],
  models: [
    { name: "teacher", logits: [even, even, far, far] },
    { name: "student", logits: [far, even, even, even] },
  ],
};
// deno-lint-ignore no-explicit-any
type Trace = any;

Deno.test("edgeDistributions() softens every edge for every slider state", () => {
  const { data, layout } = edgeDistributions(example, {
    temperatures: [0.5, 1, 1e6],
    temperature: 1,
  });
  const [slider] = layout.sliders;
  assert.equal(slider.active, 1);
  const [sharp, plain, flat] = slider.steps.map((step: Trace) =>
    step.args[0].y
  );
  assert.equal(plain.length, 8);
  assertClose(plain[0], [0.25, 0.5, 0.25], { absolute: 1e-12 });
  // At τ = 1/2 the odds are squared: 1, 4, 1.
  assertClose(sharp[0], [1 / 6, 4 / 6, 1 / 6], { absolute: 1e-12 });
  // τ → ∞: uniform.
  assertClose(flat[2], [1 / 3, 1 / 3, 1 / 3], { absolute: 1e-6 });
  // It opens in the slider's active state, teacher's edges first.
  assert.deepEqual(data.slice(0, 8).map((trace) => trace.y), plain);
  assert.deepEqual(slider.steps[0].args[2], [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.match(slider.steps[0].args[1]["title.text"], /τ = 0\.5/);
  for (const { args: [{ y }, change] } of slider.steps) {
    assert.ok(change["yaxis2.range"][1] > Math.max(...y.flat()));
  }
});

Deno.test("edgeDistributions() draws each box from the mean distances at τ = 1", () => {
  const { data } = edgeDistributions(example);
  const box = (name: string) => {
    const { x, y }: Trace = data.find((trace) =>
      trace.name === name && trace.mode === "lines"
    );
    return [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)];
  };
  // Location (40, 30), bins of 8 px: even is 8 px away, far 10 px.
  assertClose(box("teacher"), [32, 22, 50, 40], { absolute: 1e-9 });
  assertClose(box("student"), [30, 22, 48, 38], { absolute: 1e-9 });
  assert.deepEqual(box("true box"), [32, 22, 52, 38]);
});

Deno.test("edgeDistributions() marks the true distances in strides", () => {
  const { layout } = edgeDistributions(example);
  // (40 − 32) / 8, (30 − 22) / 8, (52 − 40) / 8, (38 − 30) / 8
  assert.deepEqual(layout.shapes.map(({ x0 }: Trace) => x0), [1, 1, 1.5, 1]);
});

Deno.test("edgeDistributions() stays finite for logits of ±1e4", () => {
  const edge = [-1e4, 1e4, 0];
  const { data } = edgeDistributions({
    ...example,
    models: [{ name: "teacher", logits: [edge, edge, edge, edge] }],
  });
  assertClose(data[0].y as number[], [0, 1, 0], { absolute: 1e-12 });
});

Deno.test("edgeDistributions() refuses bad temperatures and shapes", () => {
  assert.throws(
    () => edgeDistributions(example, { temperatures: [0, 10] }),
    RangeError,
  );
  assert.throws(
    () => edgeDistributions(example, { temperatures: [1, 2] }),
    { name: "RangeError", message: /the one to open with, 10/ },
  );
  const models = [{ name: "teacher", logits: [even, even, [0, 1], even] }];
  assert.throws(() => edgeDistributions({ ...example, models }), {
    name: "TypeError",
    message:
      /logits of teacher must be \[4, 3\]: current lengths are 3, 3, 2, 3/,
  });
  assert.throws(() => edgeDistributions({ ...example, models: [] }), TypeError);
});
