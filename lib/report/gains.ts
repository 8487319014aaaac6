import {
  axis,
  baseLayout,
  type Figure,
  legendAbove,
  palette,
} from "./figure.ts";
import { gainText } from "./gain_text.ts";
import { slider } from "./slider.ts";

/** What one row gained in one metric, in points. */
export interface RowGain {
  /** Mean over the seeds; NaN where some seed has no result. */
  readonly mean: number;
  /** Half width of the mean's 95 % confidence interval; `null` for one seed. */
  readonly halfWidth: number | null;
  /** The gain of each seed that has a result. */
  readonly seeds: readonly number[];
  /** As published; `null` where it is not. */
  readonly paper: number | null;
}

/** A row of a table and its gains. */
export interface GainRow {
  readonly name: string;
  /** By the metrics, in their order. */
  readonly gains: readonly RowGain[];
}

/** Pixels of a row. */
const pitch = 34;
/** Pixels at the bottom that only the slider uses. */
const sliderHeight = 84;
/** Beside long names the legend takes two lines. */
const margin = { l: 20, r: 24, t: 116, b: 58 };
/** Where in a row of height 1 things lie: the mean is at 0. */
const paperAt = -0.24;
const seedsAt = 0.26;

/**
 * What each row of a table gained, a line each: the mean with its 95 % confidence
 * interval as a bar, single seeds as small points, and the paper's gain.
 *
 * Use it for any table of differences from a baseline: which gains are more than
 * chance, and do they agree with the paper's. An interval that leaves 0 out is
 * blue, another grey. The gains stand as numbers on the right. Several metrics
 * are a slider, which needs no kernel.
 *
 * @param rows those with a gain, at least one; gains in points
 * @param options
 * - `metrics`: how they are called, at least one; the figure opens at the first
 * - `over`: what the gains are over, e.g. `no LD`
 * - `tested`: what was measured on, e.g. `BCCD test`
 * @returns a plotly figure, 900 pixels wide
 * @throws {RangeError} when there is no row or metric, or a row has not a gain for
 * each metric
 *
 * @example
 * ```ts
 * import { gains } from "ldlab/report/gains.ts";
 * import assert from "node:assert/strict";
 *
 * const gain = { mean: 2, halfWidth: 0.5, seeds: [1.8, 2.2], paper: 1 };
 * const figure = gains([{ name: "LD", gains: [gain] }], {
 *   metrics: ["AP"],
 *   over: "no LD",
 *   tested: "BCCD test",
 * });
 * assert.equal(figure.layout.title.text, "Gain in AP over no LD");
 * assert.deepEqual(figure.layout.yaxis2.ticktext, ["+2.0 ± 0.5"]);
 * ```
 */
export function gains(
  rows: readonly GainRow[],
  { metrics, over, tested }: {
    metrics: readonly string[];
    over: string;
    tested: string;
  },
): Figure {
  const fit = rows.every(({ gains }) => gains.length === metrics.length);
  if (rows.length === 0 || metrics.length === 0 || !fit) {
    throw new RangeError(
      "Cannot draw gains: there must be at least one row, with a gain in each " +
        `of ${
          metrics.join(", ") || "no metrics"
        }: current numbers of gains are ` +
        `[${rows.map(({ gains }) => gains.length)}]`,
    );
  }
  const states = metrics.map((metric, at) =>
    stateOf(rows.map(({ name, gains }) => ({ name, ...gains[at] })), {
      title: `Gain in ${metric} over ${over}`,
      metric,
    })
  );
  const [{ traces, layout, repeated }] = states;
  const slides = metrics.length > 1;
  const controls = slides ? sliderHeight : 0;
  const lines = axis("", {
    tickvals: rows.map((_row, at) => at),
    range: [rows.length - 0.5, -0.5],
    automargin: true,
    ticks: "",
    ticklabelstandoff: 6,
    showline: false,
    fixedrange: true,
  });
  return {
    data: traces,
    layout: {
      ...baseLayout({
        title: layout["title.text"],
        subtitle: repeated
          ? `${tested}; paired by seed, with the mean's 95 % confidence interval`
          : `${tested}; one seed, which cannot say how far chance carries it`,
        width: 900,
        height: margin.t + rows.length * pitch + margin.b + controls,
        margin: { ...margin, b: margin.b + controls },
      }),
      legend: legendAbove,
      xaxis: axis(layout["xaxis.title.text"], {
        range: layout["xaxis.range"],
        zeroline: true,
        zerolinecolor: palette.black,
        zerolinewidth: 1.5,
      }),
      yaxis: { ...lines, ticktext: rows.map(({ name }) => name) },
      // The gains in numbers.
      yaxis2: {
        ...lines,
        ticktext: layout["yaxis2.ticktext"],
        overlaying: "y",
        side: "right",
        showgrid: false,
      },
      ...(slides
        ? {
          meta: { controls },
          sliders: [slider("metric: ", {
            open: 0,
            top: 50,
            steps: states.map(({ traces, layout }, at) => ({
              label: metrics[at],
              method: "update",
              args: [
                {
                  x: traces.map(({ x }) => x),
                  y: traces.map(({ y }) => y),
                  "error_x.array": traces.map(({ error_x }) =>
                    error_x?.array ?? []
                  ),
                  customdata: traces.map(({ customdata }) => customdata),
                },
                layout,
              ],
            })),
          })],
        }
        : {}),
    },
  };
}

type NamedGain = RowGain & { readonly name: string };

/** What is drawn of one metric. */
function stateOf(
  rows: readonly NamedGain[],
  { title, metric }: { title: string; metric: string },
) {
  const placed = rows.map((row, at) => ({ ...row, at }));
  const measured = placed.filter(({ mean }) => Number.isFinite(mean));
  const isClear = ({ mean, halfWidth }: RowGain) =>
    halfWidth !== null && Math.abs(mean) > halfWidth;
  // A seed without a result leaves a mean out, and others' seeds.
  const repeated = rows.some(({ mean, halfWidth, seeds }) =>
    halfWidth !== null || (Number.isNaN(mean) && seeds.length > 0)
  );
  const clear = measured.filter(isClear);
  const unclear = measured.filter((row) => !isClear(row));
  const dots = placed.filter(({ seeds, mean }) =>
    seeds.length > 1 || !Number.isFinite(mean)
  ).flatMap(({ seeds, at, name }) => seeds.map((seed) => ({ seed, at, name })));
  const papers = placed.filter(({ paper }) => paper !== null);
  const traces = [
    means(clear, {
      name: "here, 0 outside the interval",
      color: palette.blue,
    }),
    means(unclear, {
      name: repeated ? "here, 0 in the interval" : "here",
      color: repeated ? palette.grey : palette.blue,
    }),
    {
      type: "scatter",
      mode: "markers",
      name: "one seed",
      x: dots.map(({ seed }) => seed),
      y: dots.map(({ at }) => at + seedsAt),
      customdata: dots.map(({ name }) => name),
      marker: {
        symbol: "circle-open",
        size: 6,
        color: palette.black,
        line: { width: 1.25 },
      },
      hovertemplate: "%{customdata}, one seed: %{x:+.1f}<extra></extra>",
      meta: { text: words(placed, ({ seeds }) => seeds.map(signed).join(" ")) },
    },
    {
      type: "scatter",
      mode: "markers",
      name: "paper",
      x: papers.map(({ paper }) => paper),
      y: papers.map(({ at }) => at + paperAt),
      yaxis: "y2", // which so is drawn
      customdata: papers.map(({ name }) => name),
      marker: {
        symbol: "diamond-open",
        size: 10,
        color: palette.vermillion,
        line: { width: 2 },
      },
      hovertemplate: "%{customdata}, paper: %{x:+.1f}<extra></extra>",
      meta: {
        text: words(papers, ({ paper }) => signed(paper!)),
      },
    },
  ] as Trace[];
  return {
    traces,
    repeated,
    layout: {
      "title.text": title,
      "xaxis.title.text": `gain in ${metric}, points`,
      "xaxis.range": rangeOf(rows),
      "yaxis2.ticktext": rows.map((row) =>
        Number.isFinite(row.mean) ? gainText(row) : "no result"
      ),
    },
  };
}

// deno-lint-ignore no-explicit-any
type Trace = Record<string, any>;

function means(
  rows: readonly (NamedGain & { at: number })[],
  { name, color }: { name: string; color: string },
): Trace {
  return {
    type: "scatter",
    mode: "markers",
    name,
    x: rows.map(({ mean }) => mean),
    y: rows.map(({ at }) => at),
    error_x: {
      type: "data",
      array: rows.map(({ halfWidth }) => halfWidth ?? 0),
      thickness: 5,
      width: 0,
      color,
    },
    customdata: rows.map((row) => `${row.name}: ${gainText(row)}`),
    marker: { symbol: "circle", size: 11, color },
    hovertemplate: "%{customdata}<extra></extra>",
    meta: { text: words(rows, gainText) },
  };
}

const signed = (gain: number) => gainText({ mean: gain, halfWidth: null });

/** The rows in words; nothing of those that have nothing. */
function words<Row extends NamedGain>(
  rows: readonly Row[],
  tell: (row: Row) => string,
): string {
  return rows.map((row) => [row.name, tell(row)])
    .filter(([, told]) => told !== "")
    .map(([name, told]) => `${name} ${told}`).join(", ") || "none";
}

/** All that is drawn, and 0, with some room. */
function rangeOf(rows: readonly RowGain[]): [number, number] {
  const values = rows.flatMap(({ mean, halfWidth, seeds, paper }) => [
    ...[mean, mean - (halfWidth ?? 0), mean + (halfWidth ?? 0)]
      .filter(Number.isFinite),
    ...seeds,
    ...(paper === null ? [] : [paper]),
  ]);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const room = 0.06 * Math.max(high - low, 1);
  return [low - room, high + room];
}
