import assert from "node:assert/strict";
import { figureToText } from "ldlab/report/figure_text.ts";
import { regionMap } from "ldlab/report/region_map.ts";

// P3 has 2 × 3 locations, P4 one row of 2: 8 in all.
const picture = {
  image: { source: "data:image/png;base64,", width: 24, height: 16 },
  name: "a scene",
  truth: [[2, 3, 10, 11]],
  levels: [
    { name: "P3", stride: 8, height: 2, width: 3 },
    { name: "P4", stride: 16, height: 1, width: 2 },
  ],
};
const narrow = [0, 0.5, 0, 0, 0, 0, 0, 0];
const wide = [0.25, 0.5, 0, 0.125, 0, 0, 0, 1];
const states = { prefix: "γ = ", labels: ["1", "0"], open: 1 };
// deno-lint-ignore no-explicit-any
type Trace = any;

Deno.test("regionMap() puts each weight at its location and leaves zeros out", () => {
  const { data, layout } = regionMap(picture, {
    title: "A region",
    regions: [{ name: "", weights: [wide] }],
  });
  const [fine, coarse]: Trace[] = data.filter(({ type }) => type === "heatmap");
  assert.deepEqual(fine.z, [[0.25, 0.5, null], [0.125, null, null]]);
  assert.deepEqual([fine.x, fine.y], [[0, 8, 16], [0, 8]]);
  assert.deepEqual(coarse.z, [[null, 1]]);
  assert.deepEqual([coarse.x, coarse.y], [[0, 16], [0]]);
  assert.equal(layout.coloraxis.cmax, 1);
  assert.deepEqual(
    layout.annotations.map(({ text }: Trace) => text),
    ["P3: 3 of 6", "P4: 1 of 2"],
  );
  assert.equal(layout.sliders, undefined);
});

Deno.test("regionMap() moves between states in its slider", () => {
  const { data, layout } = regionMap(picture, {
    title: "A region",
    regions: [
      { name: "first", weights: [narrow, wide] },
      { name: "second", weights: [wide, narrow] },
    ],
    states,
  });
  const [slider] = layout.sliders;
  assert.equal(slider.active, 1);
  const [changed, titles, traces] = slider.steps[0].args;
  // Panels are those of the first region, then those of the second.
  assert.deepEqual(changed.z[0], [[null, 0.5, null], [null, null, null]]);
  assert.deepEqual(changed.z[2], [[0.25, 0.5, null], [0.125, null, null]]);
  assert.deepEqual(traces, [0, 1, 2, 3]);
  assert.ok(traces.every((at: number) => data[at].type === "heatmap"));
  assert.equal(titles["annotations[0].text"], "P3: 1 of 6");
  assert.equal(titles["annotations[2].text"], "P3: 3 of 6");
  // It opens in its active state.
  const open = slider.steps[1].args;
  assert.deepEqual(open[0].z, data.slice(0, 4).map(({ z }) => z));
  assert.equal(
    layout.annotations[0].text,
    open[1]["annotations[0].text"],
  );
});

Deno.test("regionMap() keeps the shape of the image in every panel", () => {
  for (const count of [1, 3]) {
    const { layout } = regionMap(picture, {
      title: "A region",
      regions: Array.from({ length: count }, (_region, index) => ({
        name: `${index}`,
        weights: [wide],
      })),
    });
    const { l, r, t, b } = layout.margin;
    const size = [layout.width - l - r, layout.height - t - b];
    for (const number of ["", "2"]) {
      const [width, height] = ["x", "y"].map((letter, at) => {
        const [from, to] = layout[`${letter}axis${number}`].domain;
        return (to - from) * size[at];
      });
      assert.ok(Math.abs(width / height - 24 / 16) < 1e-9);
    }
  }
});

Deno.test("regionMap() tells in words how many locations there are", () => {
  const text = figureToText(regionMap(picture, {
    title: "A region",
    regions: [{ name: "VLR", weights: [wide] }, {
      name: "none",
      weights: [new Float32Array(8)],
    }],
  }));
  assert.match(text, /VLR, P3: 3 of 6 locations, weights 0\.13 to 0\.50/);
  assert.match(text, /VLR, P4: 1 of 2 locations, weight 1\.00/);
  assert.match(text, /none, P4: 0 of 2 locations\n/);
  assert.match(text, /true boxes: 1 in an image of 24 × 16 px/);
});

Deno.test("regionMap() draws an empty region", () => {
  const { data, layout } = regionMap({ ...picture, truth: [] }, {
    title: "Nothing",
    regions: [{ name: "", weights: [new Float32Array(8)] }],
  });
  const fine: Trace = data[0];
  assert.deepEqual(fine.z.flat(), Array(6).fill(null));
  assert.equal(layout.coloraxis.cmax, 1);
});

Deno.test("regionMap() refuses weights that do not fit", () => {
  const draw = (weights: number[][], of = states) =>
    regionMap(picture, {
      title: "",
      regions: [{ name: "VLR", weights }],
      states: of,
    });
  assert.throws(() => draw([wide, [1, 2]]), {
    name: "TypeError",
    message: /weights of "VLR" must have 8 values.* current numbers are 8, 2$/,
  });
  assert.throws(() => draw([wide]), {
    name: "TypeError",
    message: /each of the 2 states: current number is 1/,
  });
  assert.throws(() => draw([wide, wide.map(() => -0.5)]), {
    name: "RangeError",
    message: /must be 0 or above, and finite: current value is -0\.5/,
  });
  assert.throws(() => draw([wide, wide.map(() => NaN)]), RangeError);
  assert.throws(() => draw([wide, wide], { ...states, open: 2 }), {
    name: "RangeError",
    message: /must be 0 to 1: current value is 2/,
  });
  assert.throws(
    () => regionMap(picture, { title: "", regions: [] }),
    RangeError,
  );
});
