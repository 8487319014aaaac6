import { checkEdgeExample, type EdgeExample } from "./edge_example.ts";
import { edgePanelAxes } from "./edge_panels.ts";
import {
  boxOfEdges,
  edgeInWords,
  sideNames,
  softened,
} from "./edge_softening.ts";
import { baseLayout, type Figure, palette } from "./figure.ts";
import { slider } from "./slider.ts";

const styles = [
  {
    color: palette.blue,
    fill: "rgba(0,114,178,0.22)",
    dash: "solid",
    symbol: "circle",
  },
  { color: palette.vermillion, dash: "solid", symbol: "square" },
  { color: palette.orange, dash: "dash", symbol: "triangle-up" },
] as const;

/**
 * What the temperature does to the edge distributions of one box.
 *
 * Use it to see what LD teaches: at τ = 1 a sharp peak, at higher τ the
 * teacher's doubts about an edge, which the student learns to share. Left the
 * image with the true box and each detector's, right one panel per edge, below
 * a slider of τ that needs no kernel.
 *
 *     p_i(τ) = exp(z_i / τ) / Σ_j exp(z_j / τ),   box from Σ_i i · p_i(1)
 *
 * @param example the image, one location of it, and the detectors' logits
 * @param options `temperatures` of the slider, each above 0; the figure opens
 * at `temperature`, which is one of them (10, the paper's, by default)
 * @returns a plotly figure, 940 × 620 pixels
 * @throws {TypeError} when a detector has not four edges with the same number of bins
 * @throws {RangeError} when a temperature is not above 0 or the first is not among them
 *
 * Source: Zheng et al., "Localization Distillation for Dense Object
 * Detection", CVPR 2022, Eq. 1 and Figure 1.
 *
 * @example
 * ```ts
 * import { edgeDistributions } from "ldlab/report/edge_distributions.ts";
 * import assert from "node:assert/strict";
 *
 * const edge = [0, 1, 8, 2, 0];
 * const figure = edgeDistributions({
 *   image: { source: "data:image/png;base64,", width: 64, height: 64 },
 *   name: "a square",
 *   location: [32, 32],
 *   stride: 8,
 *   truth: [16, 16, 48, 48],
 *   models: [{ name: "teacher", logits: [edge, edge, edge, edge] }],
 * });
 * const steps = figure.layout.sliders[0].steps;
 * assert.equal(steps.length, 8);
 * // The higher τ, the flatter the peak.
 * const peak = (step: number) => Math.max(...steps[step].args[0].y[0]);
 * assert.ok(peak(0) > peak(7));
 * ```
 */
export function edgeDistributions(
  example: EdgeExample,
  { temperatures = [1, 2, 3, 5, 7, 10, 15, 20], temperature = 10 }: {
    temperatures?: readonly number[];
    temperature?: number;
  } = {},
): Figure {
  checkEdgeExample(example, styles.length);
  const bad = temperatures.find((value) => !(value > 0));
  const opens = temperatures.indexOf(temperature);
  if (bad !== undefined || opens < 0) {
    throw new RangeError(
      "Cannot draw edge distributions: temperatures must be above 0 and hold the one to open with, " +
        `${temperature}: current temperatures are ${temperatures.join(", ")}`,
    );
  }
  const { image, models, location, stride, truth } = example;
  const [x, y] = location;
  const bins = Array.from(models[0].logits[0], (_logit, bin) => bin);
  const states = temperatures.map((value) => {
    const curves = models.flatMap(({ logits }) =>
      logits.map((edge) => softened(edge, value))
    );
    return { curves, top: 1.1 * Math.max(...curves.flat()) };
  });
  const curves = models.flatMap(({ name, logits }, model) =>
    sideNames.map((_side, side) => ({
      type: "scatter",
      mode: "lines+markers",
      x: bins,
      y: states[opens].curves[model * 4 + side],
      xaxis: `x${side + 2}`,
      yaxis: `y${side + 2}`,
      line: {
        color: styles[model].color,
        width: 2,
        dash: styles[model].dash,
      },
      marker: {
        symbol: styles[model].symbol,
        size: 6,
        color: styles[model].color,
      },
      ...("fill" in styles[model]
        ? { fill: "tozeroy", fillcolor: styles[model].fill }
        : {}),
      name: `${name}, ${sideNames[side]}`,
      showlegend: false,
      meta: { text: edgeInWords(logits[side], temperature) },
      hovertemplate: "%{x} strides: p = %{y:.3f}",
    }))
  );
  const boxes = [
    ...models.map(({ name, logits }, model) => ({
      name,
      box: boxOfEdges(logits, location, stride),
      color: styles[model].color,
      dash: styles[model].dash,
    })),
    { name: "true box", box: truth, color: palette.black, dash: "dot" },
  ].map(({ name, box, color, dash }) => {
    const [x1, y1, x2, y2] = box;
    return {
      type: "scatter",
      mode: "lines",
      x: [x1, x2, x2, x1, x1],
      y: [y1, y1, y2, y2, y1],
      line: { color, width: 3, dash },
      name,
      hoverinfo: "name",
      meta: {
        text: `[${Array.from(box, (at) => at.toFixed(1)).join(", ")}] px`,
      },
    };
  });
  const trueDistances = [x - truth[0], y - truth[1], truth[2] - x, truth[3] - y]
    .map((pixels) => pixels / stride);
  const title = (value: number) =>
    `Edge distributions of one box, softened with τ = ${value}`;
  return {
    data: [
      ...curves,
      ...boxes,
      {
        type: "scatter",
        mode: "markers",
        x: [x],
        y: [y],
        marker: {
          symbol: "cross",
          size: 12,
          color: palette.black,
          line: { color: "#ffffff", width: 1.5 },
        },
        name: "location",
        hoverinfo: "name",
        meta: { text: `[${x}, ${y}] px` },
      },
    ],
    layout: {
      ...baseLayout({
        title: title(temperature),
        subtitle: example.name,
        width: 940,
        height: 640,
        margin: { l: 24, r: 24, t: 118, b: 160 },
      }),
      // Pixels at the bottom that only the slider uses.
      meta: { controls: 92 },
      legend: {
        orientation: "h",
        x: 0,
        xanchor: "left",
        y: 1.03,
        yanchor: "bottom",
        font: { size: 14 },
        itemclick: false,
        itemdoubleclick: false,
      },
      images: [{
        source: image.source,
        xref: "x",
        yref: "y",
        x: 0,
        y: 0,
        sizex: image.width,
        sizey: image.height,
        sizing: "stretch",
        layer: "below",
      }],
      xaxis: {
        domain: [0, 0.42],
        range: [0, image.width],
        visible: false,
        constrain: "domain",
      },
      yaxis: {
        range: [image.height, 0],
        visible: false,
        scaleanchor: "x",
        constrain: "domain",
        constraintoward: "top",
      },
      ...edgePanelAxes(stride, bins.length, states[opens].top),
      annotations: sideNames.map((name, side) => ({
        text: `<b>${name}</b>`,
        xref: `x${side + 2} domain`,
        yref: `y${side + 2} domain`,
        x: 0.5,
        y: 1,
        yanchor: "bottom",
        showarrow: false,
        font: { size: 14 },
      })),
      shapes: trueDistances.map((distance, side) => ({
        type: "line",
        xref: `x${side + 2}`,
        yref: `y${side + 2} domain`,
        x0: distance,
        x1: distance,
        y0: 0,
        y1: 1,
        line: { color: palette.black, width: 2, dash: "dot" },
      })),
      sliders: [
        slider("temperature τ = ", {
          open: opens,
          top: 58,
          steps: temperatures.map((value, state) => ({
            label: String(value),
            method: "update",
            args: [
              { y: states[state].curves },
              {
                "yaxis2.range": [0, states[state].top],
                "title.text": title(value),
              },
              curves.map((_curve, trace) => trace),
            ],
          })),
        }),
      ],
    },
  };
}
