import assert from "node:assert/strict";
import { figureToText } from "ldlab/report/figure_text.ts";

Deno.test("figureToText() tells titles, axes and named points", () => {
  const x = Array.from({ length: 23 }, (_value, index) => index);
  const text = figureToText({
    data: [
      { name: "long <b>line</b>", x, y: x },
      { name: "told", x: [0], y: [0], meta: { text: "by itself" } },
      { name: "band", x: [0], y: [0], hoverinfo: "skip" },
      { x: [1], y: [1] },
    ],
    layout: {
      title: { text: "A &lt; B", subtitle: { text: "seed 1" } },
      xaxis: { title: { text: "τ" } },
      xaxis2: { title: { text: "τ" } },
      yaxis: { title: { text: "AP" } },
      yaxis2: { title: { text: "AP of the paper" } },
    },
  });
  const lines = text.split("\n");
  assert.deepEqual(lines.slice(0, 3), [
    "[figure] A < B, seed 1",
    "x: τ",
    "y: AP; AP of the paper",
  ]);
  assert.match(lines[3], /^long line: 0 → 0, .*19 → 19, and 3 more points$/);
  assert.deepEqual(lines.slice(4), ["told: by itself"]);
});
