/**
 * A figure as plotly understands it: plain JSON, no drawing code.
 *
 * A list of traces and a layout (https://plotly.com/javascript/reference/).
 * Sliders carry their states in the layout, so a figure moves without a kernel.
 */
export interface Figure {
  readonly data: readonly Record<string, unknown>[];
  // deno-lint-ignore no-explicit-any
  readonly layout: Readonly<Record<string, any>>;
}

/**
 * The colours of all figures, told apart by colour-blind readers and, by their
 * lightness, in a grey print. Lines also differ in dash, points in shape.
 *
 * Source: Okabe and Ito, "Color Universal Design" (2008); the yellow is left
 * out, for it is lost on white paper.
 */
export const palette = {
  black: "#000000",
  blue: "#0072B2",
  vermillion: "#D55E00",
  green: "#009E73",
  purple: "#CC79A7",
  orange: "#E69F00",
  sky: "#56B4E9",
  grey: "#6E6E6E",
} as const;

/** Size of a figure in CSS pixels, 96 to the inch. */
export interface FigureSize {
  readonly width: number;
  readonly height: number;
}

/**
 * A layout in the common look: white ground, legible fonts, quiet grid.
 *
 * Use it under every figure, so that pictures of one paper or page belong
 * together.
 *
 * @param options `title` and `subtitle` above the figure (HTML: `<b>`, `<sub>`),
 * its size in CSS pixels, and the space around the plot in pixels
 * @returns a plotly layout to be spread into a figure's own
 *
 * @example
 * ```ts
 * import { baseLayout } from "ldlab/report/figure.ts";
 * import assert from "node:assert/strict";
 *
 * const layout = baseLayout({ title: "AP over τ", width: 720, height: 440 });
 * assert.equal(layout.width, 720);
 * assert.equal(layout.font.size, 14);
 * ```
 */
export function baseLayout(
  { title, subtitle, width, height, margin }: FigureSize & {
    title: string;
    subtitle?: string;
    margin?: { l?: number; r?: number; t?: number; b?: number };
  },
): Figure["layout"] {
  return {
    width,
    height,
    margin: { l: 70, r: 30, t: 90, b: 64, ...margin },
    paper_bgcolor: "#ffffff",
    plot_bgcolor: "#ffffff",
    font: {
      family: "Liberation Sans, Arial, Helvetica, sans-serif",
      size: 14,
      color: "#1a1a1a",
    },
    title: {
      text: title,
      font: { size: 17 },
      ...(subtitle ? { subtitle: { text: subtitle, font: { size: 14 } } } : {}),
      x: 0,
      xref: "container",
      xanchor: "left",
      pad: { l: 16, t: 14 },
      y: 1,
      yref: "container",
      yanchor: "top",
    },
    hoverlabel: { font: { size: 13 } },
  };
}

/**
 * An axis in the common look: a line, ticks outside, pale grid, no zero line.
 *
 * Use it for every x and y axis of a figure.
 *
 * @param title what is measured, with its unit
 * @param more further plotly settings of the axis
 * @returns a plotly axis
 *
 * @example
 * ```ts
 * import { axis } from "ldlab/report/figure.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(axis("AP", { range: [0, 50] }).title.text, "AP");
 * ```
 */
export function axis(
  title: string,
  more: Record<string, unknown> = {},
  // deno-lint-ignore no-explicit-any
): Record<string, any> {
  return {
    title: { text: title, font: { size: 15 }, standoff: 10 },
    tickfont: { size: 13 },
    showline: true,
    linecolor: "#4d4d4d",
    ticks: "outside",
    tickcolor: "#4d4d4d",
    gridcolor: "#e3e3e3",
    zeroline: false,
    ...more,
  };
}

/** A legend in one line above the plot, whose entries only explain. */
export const legendAbove = {
  orientation: "h",
  x: 0,
  xanchor: "left",
  y: 1,
  yanchor: "bottom",
  font: { size: 13 },
  itemclick: false,
  itemdoubleclick: false,
} as const;

/**
 * The figure without what needs a mouse: sliders and buttons.
 *
 * Use it for paper and for pages without plotly: it shows the state in which
 * the figure opens, and gives back the room that the slider took.
 *
 * @param figure any figure; a slider's height is `layout.meta.controls` pixels
 * at the bottom of the figure, where there is one
 * @returns a figure that is complete as a still picture
 *
 * @example
 * ```ts
 * import { stillFigure } from "ldlab/report/figure.ts";
 * import assert from "node:assert/strict";
 *
 * const figure = {
 *   data: [],
 *   layout: { height: 500, margin: { b: 150 }, sliders: [{}], meta: { controls: 90 } },
 * };
 * assert.deepEqual(stillFigure(figure).layout, { height: 410, margin: { b: 60 } });
 * ```
 */
export function stillFigure(figure: Figure): Figure {
  const { sliders: _s, updatemenus: _u, meta, ...layout } = figure.layout;
  const controls: number = meta?.controls ?? 0;
  if (controls === 0) return { data: figure.data, layout };
  return {
    data: figure.data,
    layout: {
      ...layout,
      height: layout.height - controls,
      margin: { ...layout.margin, b: layout.margin.b - controls },
    },
  };
}
