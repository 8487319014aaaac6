import { type Figure, stillFigure } from "./figure.ts";
import { shrunk } from "./shrunk.ts";

/** Widths of figures in journals, in millimetres. */
export const JOURNAL_WIDTHS = {
  single: 88.9,
  oneAndHalf: 140,
  double: 181,
} as const;

/** How many columns of a page a figure takes. */
export type JournalColumns = keyof typeof JOURNAL_WIDTHS;

/** 8 points in CSS pixels, 96 to the inch: a little less than body text has. */
const FONT = 8 * 96 / 72;
/** Of all else: figures are drawn for a font of 14 pixels. */
const SCALE = FONT / 14;
/** Pixels of a line of the legend, as plotly sets it. */
const ENTRY = 19;
/** Pixels of an entry of the legend beside its text. */
const SIGN = 42;
/** Pixels below the plot for the axis: ticks, their labels, a title. */
const AXIS = 44;
/** How long a row's name may be before it is broken. */
const NAME = { single: 20, oneAndHalf: 30, double: 44 } as const;

/**
 * A figure at the width of a journal's column, its fonts of 8 points, markers,
 * lines and margins to match.
 *
 * Use it for a paper: export what it gives as PDF, or as PNG at 300 or 600 dpi,
 * and include it unscaled. Sliders are left out, and the title, which belongs
 * into the caption. Long names of rows are broken, a legend that stood right of a
 * narrow plot stands below it. A figure of several panels is not legible in less
 * than both columns, and takes them whatever is asked for.
 *
 * `single` is 88.9 mm (3.5 in), as IEEE, Nature and Elsevier have it within a
 * millimetre; CVPR's column is 82.5 mm. `oneAndHalf` is Elsevier's 140 mm, `double`
 * 181 mm (7.13 in).
 *
 * @param figure any figure of this library
 * @param columns how many columns of a page it takes
 * @returns the figure, its layout's size in CSS pixels, 96 to the inch
 * @throws {RangeError} when there is no such width
 *
 * @example
 * ```ts
 * import { journalSize } from "ldlab/report/journal_size.ts";
 * import { axis, baseLayout } from "ldlab/report/figure.ts";
 * import assert from "node:assert/strict";
 *
 * const { layout } = journalSize({
 *   data: [{ x: [1, 2], y: [38, 40] }],
 *   layout: {
 *     ...baseLayout({ title: "AP", width: 760, height: 480 }),
 *     xaxis: axis("epoch"),
 *     yaxis: axis("AP"),
 *   },
 * }, "single");
 * assert.equal(layout.width, 336); // 3.5 in of 96 pixels
 * assert.equal(layout.font.size * 72 / 96, 8);
 * ```
 */
export function journalSize(figure: Figure, columns: JournalColumns): Figure {
  if (!Object.hasOwn(JOURNAL_WIDTHS, columns)) {
    throw new RangeError(
      "Cannot size a figure for a journal: columns must be " +
        `${Object.keys(JOURNAL_WIDTHS).join(" or ")}: current value is ` +
        `'${columns}'`,
    );
  }
  const small = shrunk(stillFigure(figure), { font: FONT, scale: SCALE });
  const { title, ...layout } = small.layout;
  const axes = axesOf(layout);
  for (const axis of Object.values(axes)) {
    Object.assign(axis, {
      ticklen: 4,
      tickwidth: 0.75,
      linewidth: 0.75,
      gridwidth: 0.75,
    });
  }
  const isPanelled = layout.images?.length > 0 ||
    Object.entries(axes).some(([name, { domain: [low, high] = [0, 1] }]) =>
      name.startsWith("x") && (low > 0 || high < 1)
    );
  const untitled = { data: small.data, layout };
  return isPanelled
    ? panels(untitled, heightOf(title))
    : onePlot(untitled, columns);
}

// deno-lint-ignore no-explicit-any
type Layout = Record<string, any>;

const pixels = (columns: JournalColumns) =>
  Math.round(JOURNAL_WIDTHS[columns] / 25.4 * 96);

function axesOf(layout: Layout): Layout {
  return Object.fromEntries(
    Object.entries(layout).filter(([name]) => /^[xy]axis\d*$/.test(name)),
  );
}

/** Pixels of the title and the subtitle in a figure of the common look. */
function heightOf(title?: Layout): number {
  if (!title?.text) return 0;
  const breaks = title.text.split("<br>").length - 1;
  return 40 + 20 * breaks + (title.subtitle?.text ? 26 : 0);
}

/** Panels keep their shape, for they may hold images. */
function panels({ data, layout }: Figure, above: number): Figure {
  const { width: had, height, margin: { l, r, t, b } } = layout;
  const width = pixels("double");
  const margin = {
    l: SCALE * l,
    r: SCALE * r,
    t: SCALE * Math.max(t - above, 12),
    b: SCALE * b,
  };
  const scale = (width - margin.l - margin.r) / (had - l - r);
  const plot = scale * (height - t - b);
  return {
    data,
    layout: {
      ...layout,
      width,
      height: Math.round(margin.t + plot + margin.b),
      margin,
    },
  };
}

/** One plot: its margins are found anew from what stands in them. */
function onePlot(
  { data, layout }: Figure,
  columns: JournalColumns,
): Figure {
  const { height, margin: { t, b } } = layout;
  const width = pixels(columns);
  const axes = axesOf(layout);
  for (const axis of Object.values(axes)) {
    axis.automargin = true;
    axis.ticktext = axis.ticktext?.map((text: string) =>
      broken(text, NAME[columns])
    );
  }
  const names: string[] = axes.yaxis?.ticktext ?? [];
  const lines = Math.max(1, ...names.map((name) => name.split("<br>").length));
  const sides = widthOfAxis(axes.yaxis) + widthOfAxis(axes.yaxis2);
  const entries = entriesOf(data);
  const perLine = Math.floor((width - sides) / Math.max(1, ...entries)) || 1;
  const legendHeight = entries.length < 2
    ? 0
    : ENTRY * Math.ceil(entries.length / perLine) + 4;
  // Entries as wide as their texts: a fixed width would cut them.
  const { entrywidth: _, ...legend } = layout.legend ?? {};
  const isBeside = legend.orientation !== "h";
  const stays = isBeside && columns === "double";
  const plot = Math.max(
    SCALE * (height - t - b),
    names.length * (lines * 1.25 * FONT + 6),
    stays ? ENTRY * entries.length : 0,
  );
  const margin = { l: 4, r: 6, t: 8, b: AXIS };
  if (!isBeside) margin.t += legendHeight;
  else if (!stays) {
    margin.b += legendHeight;
    Object.assign(legend, {
      orientation: "h",
      x: 0,
      y: -AXIS / plot,
      yanchor: "top",
    });
  }
  return {
    data,
    layout: {
      ...layout,
      ...axes,
      legend,
      width,
      height: Math.round(margin.t + plot + margin.b),
      margin,
    },
  };
}

/** About how many pixels wide the entries of the legend are. */
function entriesOf(data: Figure["data"]): number[] {
  return data.flatMap(({ name, showlegend, x }) =>
    typeof name !== "string" || showlegend === false ||
      (x as unknown[] | undefined)?.length === 0
      ? []
      : [SIGN + widthOf(name)]
  );
}

/** Liberation Sans takes a little less than half an em a sign. */
function widthOf(html: string): number {
  const lines = html.split("<br>").map((line) => line.replace(/<[^>]*>/g, ""));
  return 0.46 * FONT * Math.max(...lines.map(({ length }) => length));
}

function widthOfAxis(axis?: Layout): number {
  if (axis === undefined) return 0;
  const labels: string[] = axis.ticktext ?? ["00.0"];
  return 12 + Math.max(...labels.map(widthOf)) +
    (axis.title?.text ? 2 * FONT : 0);
}

/** A text in lines of at most so many signs where its words allow. */
function broken(text: string, most: number): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= most) {
      lines[lines.length - 1] = `${line} ${word}`;
    } else lines.push(word);
  }
  return lines.join("<br>");
}
