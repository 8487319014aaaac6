import {
  type BandedPoint,
  bandTrace,
  lineTrace,
  rowLooks,
} from "./banded_lines.ts";
import { axis, baseLayout, type Figure } from "./figure.ts";
import { slider } from "./slider.ts";
import { spread } from "./spread.ts";

/** One row of a table on its way. */
export interface EpochRow {
  readonly name: string;
  /** Index of the row that its gain is over; `null` for a baseline. */
  readonly over: number | null;
  /** Each seed's AP by epochs, in points; runs without a result left out. */
  readonly seeds: readonly (readonly EpochAp[])[];
}

/** The AP after an epoch. */
export interface EpochAp {
  /** How many epochs were trained. */
  readonly epoch: number;
  readonly ap: number;
}

/** Pixels at the bottom that only the slider uses. */
const sliderHeight = 96;
const margin = { l: 64, r: 24, t: 84, b: 60 };
/** Pixels of an entry of the legend. */
const entryHeight = 20;

/**
 * AP against the epoch, a line for each row of a table: the mean over seeds, with
 * the deviation as a band.
 *
 * Use it to see whether rows were trained long enough, and whether one is better
 * all the way. It opens with all rows; where there are more than two, a
 * slider, which needs no kernel, turns to one row against that which its gain is
 * over, with their bands, and the others pale. A mean is drawn where all seeds of
 * a row were measured; a row that lost some says how many it has.
 *
 * @param rows at least one; a row without seeds has no line, and says so
 * @param options.tested what was measured on, e.g. `BCCD test`
 * @param options.metric which of the figures it is, `AP` by default
 * @returns a plotly figure, 960 pixels wide
 * @throws {RangeError} when there is no row, or one is over a row that is not
 * there
 *
 * @example
 * ```ts
 * import { apOverEpochs } from "ldlab/report/ap_over_epochs.ts";
 * import assert from "node:assert/strict";
 *
 * const seed = (...ap: number[]) =>
 *   ap.map((value, at) => ({ epoch: 6 * (at + 1), ap: value }));
 * const figure = apOverEpochs([
 *   { name: "without LD", over: null, seeds: [seed(20, 38)] },
 *   { name: "LD", over: 0, seeds: [seed(22, 40), seed(24, 42)] },
 * ], { tested: "BCCD test" });
 * const ld = figure.data.find(({ name }) => name === "LD")!;
 * assert.deepEqual([ld.x, ld.y], [[6, 12], [23, 41]]);
 * ```
 */
export function apOverEpochs(
  rows: readonly EpochRow[],
  { tested, metric = "AP" }: { tested: string; metric?: string },
): Figure {
  const lost = rows.find(({ over }) => over !== null && !(over in rows));
  if (rows.length === 0 || lost !== undefined) {
    throw new RangeError(
      "Cannot draw AP over epochs: there must be rows, each over one of them " +
        `or none: current value is ${
          lost === undefined ? "no row" : `'${lost.name}' over ${lost.over}`
        }`,
    );
  }
  const looks = rowLooks(rows);
  const lines = rows.map(({ seeds }) => pointsOf(seeds));
  const states: readonly (number | null)[] = [
    null,
    ...rows.flatMap(({ over }, at) =>
      over === null || lines[at].length === 0 ? [] : [at]
    ),
  ];
  const drawn = states.map((shown) => drawState(lines, rows, shown));
  const subtitles = drawn.map(({ visible }) => {
    const banded = visible.slice(0, lines.length).includes(true);
    return `${tested}; ${told(rows, lines, banded)}`;
  });
  const slides = states.length > 2;
  const controls = slides ? sliderHeight : 0;
  const points = lines.flat();
  const epochs = [...new Set(points.map(({ x }) => x))]
    .sort((a, b) => a - b);
  const height = Math.max(360, (rows.length + 1) * entryHeight);
  const { opacity, visible, "line.width": widths } = drawn[0];
  return {
    data: [
      ...rows.map(({ name }, at) => bandTrace(name, lines[at], looks[at])),
      ...rows.map((row, at) => ({
        ...lineTrace(row.name + lostSeeds(row, rows), lines[at], looks[at]),
        hovertemplate: "epoch %{x}: %{y:.1f}",
      })),
    ].map((trace, at) => ({
      ...trace,
      opacity: opacity[at],
      visible: visible[at],
      line: { ...trace.line, width: widths[at] },
    })),
    layout: {
      ...baseLayout({
        title: `${metric} over the epochs`,
        subtitle: subtitles[0],
        width: 960,
        height: margin.t + height + margin.b + controls,
        margin: { ...margin, b: margin.b + controls },
      }),
      legend: {
        x: 1.02,
        xanchor: "left",
        y: 1,
        yanchor: "top",
        font: { size: 13 },
        traceorder: "normal",
        itemclick: false,
        itemdoubleclick: false,
      },
      xaxis: axis("epoch", { tickvals: epochs, range: rangeOf(epochs, 0.08) }),
      // Of all states, so that it stands still.
      yaxis: axis(metric, {
        range: rangeOf(
          points.flatMap(({ mean, half }) => [
            mean - (half ?? 0),
            mean + (half ?? 0),
          ]),
          0.05,
        ),
      }),
      ...(slides
        ? {
          meta: { controls },
          sliders: [slider("shown: ", {
            open: 0,
            top: 54,
            steps: states.map((shown, state) => ({
              label: shown === null ? "all rows" : rows[shown].name,
              method: "update",
              args: [
                drawn[state],
                { "title.subtitle.text": subtitles[state] },
              ],
            })),
          })],
        }
        : {}),
    },
  };
}

/** Means over seeds after the epochs that all of them were measured after. */
function pointsOf(seeds: EpochRow["seeds"]): BandedPoint[] {
  const [first = [], ...others] = seeds;
  return first.flatMap(({ epoch, ap }) => {
    const more = others.map((seed) =>
      seed.find((each) => each.epoch === epoch)?.ap
    );
    const values = [ap, ...more].filter((value) => value !== undefined);
    if (values.length < seeds.length) return [];
    const { mean, deviation } = spread(values);
    return [{ x: epoch, mean, half: deviation }];
  }).sort((a, b) => a.x - b.x);
}

/** What is seen of the bands, then of the lines, in one state. */
function drawState(
  lines: readonly (readonly BandedPoint[])[],
  rows: readonly EpochRow[],
  shown: number | null,
) {
  const over = shown === null ? null : rows[shown].over;
  const isShown = [...rows.keys()]
    .map((at) => shown === null || at === shown || at === over);
  const width = shown === null ? 2 : 3;
  return {
    opacity: [
      ...lines.map(() => 1),
      ...isShown.map((is) => is ? 1 : 0.16),
    ],
    visible: [
      // More bands than these would hide each other.
      ...lines.map((_line, at) =>
        shown === null ? lines.length < 4 : isShown[at]
      ),
      ...lines.map(() => true),
    ],
    "line.width": [
      ...lines.map(() => 0),
      ...isShown.map((is) => is ? width : 1.25),
    ],
  };
}

/** Says how many seeds a row has, where it is not all and not none. */
function lostSeeds({ seeds }: EpochRow, rows: readonly EpochRow[]): string {
  const most = Math.max(...rows.map(({ seeds }) => seeds.length));
  return seeds.length === 0 || seeds.length === most
    ? ""
    : ` (${seeds.length} of ${most} seeds)`;
}

/** What the lines are, in words. */
function told(
  rows: readonly EpochRow[],
  lines: readonly (readonly BandedPoint[])[],
  banded: boolean,
): string {
  const seeds = Math.max(...rows.map(({ seeds }) => seeds.length));
  const of = seeds > 1
    ? `means over ${seeds} seeds` + (banded ? ", bands are deviations" : "")
    : "one seed";
  return lines.every(({ length }) => length < 2)
    ? `${of}; these runs were measured at their end only`
    : of;
}

/** From the least to the largest, with some room; all of it for nothing. */
function rangeOf(
  values: readonly number[],
  share: number,
): [number, number] | undefined {
  if (values.length === 0) return undefined;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = share * (high - low) || 1;
  return [low - room, high + room];
}
