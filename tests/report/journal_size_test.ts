import assert from "node:assert/strict";
import { apOverEpochs } from "ldlab/report/ap_over_epochs.ts";
import type { Figure } from "ldlab/report/figure.ts";
import { gains } from "ldlab/report/gains.ts";
import { type JournalColumns, journalSize } from "ldlab/report/journal_size.ts";
import { levelErrors } from "ldlab/report/level_errors.ts";
import { regionMap } from "ldlab/report/region_map.ts";

const gain = { mean: 2, halfWidth: 0.5, seeds: [1.8, 2.2], paper: 1 };
const bars = gains(
  ["LD", "Main KD + Main LD + VLR KD + VLR LD"]
    .map((name) => ({ name, gains: [gain, gain] })),
  { metrics: ["AP", "AP75"], over: "no LD", tested: "T" },
);
const curves = apOverEpochs(
  ["without LD", "KD", "LD"].map((name, at) => ({
    name,
    over: at === 0 ? null : 0,
    seeds: [[{ epoch: 6, ap: 20 }, { epoch: 12, ap: 38 }]],
  })),
  { tested: "T" },
);
const map = regionMap({
  image: { source: "data:image/png;base64,", width: 200, height: 100 },
  name: "an image",
  truth: [[4, 4, 12, 12]],
  levels: [
    { name: "P3", stride: 100, height: 1, width: 2 },
    { name: "P4", stride: 200, height: 1, width: 1 },
  ],
}, {
  title: "VLR",
  regions: [
    { name: "a", weights: [[0, 1, 1], [1, 1, 1]] },
    { name: "b", weights: [[0, 1, 1], [1, 1, 1]] },
  ],
  states: { prefix: "γ = ", labels: ["1", "0"], open: 0 },
});

/** The sizes of all fonts, wherever they stand. */
function fonts(value: unknown, key = ""): number[] {
  if (value === null || typeof value !== "object") return [];
  const own = /font$/.test(key) ? [(value as { size: number }).size] : [];
  return Object.entries(value).reduce(
    (found, [name, each]) => [...found, ...fonts(each, name)],
    own,
  );
}

Deno.test("journalSize() has the column's width, fonts of 8 points, and neither title nor slider", () => {
  // In pixels of 1/96 in: 88.9 mm are 3.5 in; 140 / 25.4 · 96 = 529.1, 181 / 25.4
  // · 96 = 684.1.
  const widths = { single: 336, oneAndHalf: 529, double: 684 };
  for (const figure of [bars, curves]) {
    const before = structuredClone(figure);
    for (const [columns, width] of Object.entries(widths)) {
      const { data, layout } = journalSize(figure, columns as JournalColumns);
      assert.equal(layout.width, width);
      const sizes = fonts({ data, layout });
      assert.ok(sizes.length > 3);
      // 8 points are 10.67 pixels.
      assert.ok(sizes.every((size) => Math.abs(size - 32 / 3) < 1e-9));
      assert.equal(layout.title, undefined);
      assert.equal(layout.sliders, undefined);
    }
    assert.deepEqual(figure, before, "the figure is not changed");
  }
});

Deno.test("journalSize() scales markers and lines, and leaves data alone", () => {
  const small = journalSize(bars, "double");
  // deno-lint-ignore no-explicit-any
  const trace = (figure: Figure): any =>
    figure.data.find(({ name }) => name === "paper");
  const scale = 32 / 3 / 14; // figures are drawn for a font of 14 pixels
  const [had, has] = [trace(bars), trace(small)];
  assert.ok(Math.abs(has.marker.size - scale * had.marker.size) < 1e-9);
  assert.ok(
    Math.abs(has.marker.line.width - scale * had.marker.line.width) < 1e-9,
  );
  assert.deepEqual([has.x, has.y, has.meta], [had.x, had.y, had.meta]);
  assert.deepEqual(small.layout.xaxis.range, bars.layout.xaxis.range);
});

Deno.test("journalSize() breaks long names and gives their rows room", () => {
  const { layout } = journalSize(bars, "single");
  assert.deepEqual(layout.yaxis.ticktext, [
    "LD",
    "Main KD + Main LD +<br>VLR KD + VLR LD",
  ]);
  const plot = layout.height - layout.margin.t - layout.margin.b;
  assert.ok(plot >= 2 * 2 * 32 / 3, "two rows of two lines of 8 points");
  assert.equal(
    journalSize(bars, "double").layout.yaxis.ticktext[1],
    "Main KD + Main LD + VLR KD + VLR LD",
  );
});

Deno.test("journalSize() puts a legend that stood right of the plot below a narrow one", () => {
  const { legend, margin } = journalSize(curves, "single").layout;
  assert.equal(legend.orientation, "h");
  assert.ok(legend.y < 0 && legend.yanchor === "top");
  const wide = journalSize(curves, "double").layout;
  assert.equal(wide.legend.orientation, undefined);
  assert.ok(wide.legend.x > 1 && wide.margin.b < margin.b);
});

Deno.test("journalSize() gives panels both columns, and keeps their images' shape", () => {
  for (const columns of ["single", "double"] as const) {
    const { layout } = journalSize(map, columns);
    assert.equal(layout.width, 684);
    const { l, r, t, b } = layout.margin;
    const [plotWidth, plotHeight] = [
      layout.width - l - r,
      layout.height - t - b,
    ];
    const [left, right] = layout.xaxis.domain;
    const [low, high] = layout.yaxis.domain;
    const shape = plotWidth * (right - left) / (plotHeight * (high - low));
    assert.ok(Math.abs(shape - 2) < 0.02, `${shape}`); // 200 × 100 pixels
  }
  const row = { name: "LD", scores: [[1]], boxes: [[2]] };
  const errors = levelErrors([row], { levels: ["P4"], tested: "T" });
  assert.equal(journalSize(errors, "single").layout.width, 684);
});

Deno.test("journalSize() refuses columns that there are not", () => {
  assert.throws(() => journalSize(bars, "triple" as JournalColumns), {
    name: "RangeError",
    message: /must be single or oneAndHalf or double: .* 'triple'/,
  });
});
