import {
  axis,
  baseLayout,
  type Figure,
  legendAbove,
  palette,
} from "./figure.ts";

/** A student: what it reaches alone, and what it gains. */
export interface StudentGain {
  readonly name: string;
  /** Here, in points; `null` where some run has no result. */
  readonly here: {
    /** AP of the student alone, the mean over seeds. */
    readonly ap: number;
    readonly gain: number;
    /** Half width of the gain's 95 % confidence interval; `null` for one seed. */
    readonly halfWidth: number | null;
  } | null;
  /** As published; `null` where it is not. */
  readonly paper: { readonly ap: number; readonly gain: number } | null;
}

const LOOKS = [
  { color: palette.blue, symbol: "circle" },
  { color: palette.vermillion, symbol: "square" },
  { color: palette.green, symbol: "diamond" },
  { color: palette.purple, symbol: "triangle-up" },
] as const;

/**
 * What students gain against how good they are alone.
 *
 * Use it for students of several sizes: does distillation help the weak ones more,
 * and is there still a gain for the strong ones? Filled signs are means here with
 * their 95 % confidence intervals, open ones the paper's.
 *
 * @param students one to four
 * @param options
 * - `over`: what the gains are over, e.g. `the same student alone`
 * - `tested`: what was measured on, e.g. `BCCD test`
 * @returns a plotly figure, 760 × 480 pixels
 * @throws {RangeError} when there are no students or too many
 *
 * @example
 * ```ts
 * import { gainOverAp } from "ldlab/report/gain_over_ap.ts";
 * import assert from "node:assert/strict";
 *
 * const figure = gainOverAp([{
 *   name: "R18",
 *   here: { ap: 36.5, gain: 1.5, halfWidth: 0.4 },
 *   paper: { ap: 35.8, gain: 1.7 },
 * }], { over: "the same student alone", tested: "BCCD test" });
 * const signs = figure.data.filter(({ mode }) => mode === "markers");
 * assert.deepEqual(signs.slice(0, 2).map(({ x, y }) => [x, y]), [
 *   [[36.5], [1.5]],
 *   [[35.8], [1.7]],
 * ]);
 * ```
 */
export function gainOverAp(
  students: readonly StudentGain[],
  { over, tested }: { over: string; tested: string },
): Figure {
  if (students.length === 0 || students.length > LOOKS.length) {
    throw new RangeError(
      `Cannot draw gains over AP: there must be 1 to ${LOOKS.length} students: ` +
        `current number is ${students.length}`,
    );
  }
  const published = students.flatMap(({ paper }) => paper ?? []);
  const interval = students.some(({ here }) => isKnown(here?.halfWidth))
    ? ", with the mean's 95 % confidence interval"
    : "";
  return {
    data: [
      connected(students.flatMap(({ here }) => here ?? []), "solid"),
      connected(published, "dot"),
      ...students.flatMap(({ name, here, paper }, at) => {
        const { color, symbol } = LOOKS[at];
        return [{
          type: "scatter",
          mode: "markers",
          // A trace without any point has no legend.
          x: [here?.ap ?? null],
          y: [here?.gain ?? null],
          error_y: {
            type: "data",
            array: [here?.halfWidth ?? 0],
            visible: isKnown(here?.halfWidth),
            thickness: 2,
            width: 6,
            color,
          },
          marker: { symbol, size: 11, color },
          name: here === null ? `${name}: no result` : name,
          hovertemplate: "AP %{x:.1f} alone: %{y:+.1f}",
        }, {
          type: "scatter",
          mode: "markers",
          x: paper === null ? [] : [paper.ap],
          y: paper === null ? [] : [paper.gain],
          marker: {
            symbol: `${symbol}-open`,
            size: 11,
            color,
            line: { width: 2 },
          },
          name: `${name}, paper`,
          showlegend: false,
          hovertemplate: "AP %{x:.1f} alone: %{y:+.1f}",
        }];
      }),
      ...(published.length === 0 ? [] : [{
        type: "scatter",
        mode: "markers",
        x: [null],
        y: [null],
        marker: {
          symbol: "circle-open",
          size: 11,
          color: palette.grey,
          line: { width: 2 },
        },
        name: "open: paper",
        hoverinfo: "skip",
      }]),
    ],
    layout: {
      ...baseLayout({
        title: `Gain in AP over ${over}`,
        subtitle: `${tested}${interval}; ` +
          "against what the student reaches alone",
        width: 760,
        height: 480,
        margin: { t: 116 },
      }),
      legend: legendAbove,
      xaxis: axis("AP of the student alone"),
      yaxis: axis("gain in AP, points", {
        rangemode: "tozero",
        zeroline: true,
        zerolinecolor: palette.black,
        zerolinewidth: 1.5,
      }),
    },
  };
}

const isKnown = (value?: number | null) => (value ?? null) !== null;

/** A quiet line through points, from the weakest student to the strongest. */
function connected(
  points: readonly { readonly ap: number; readonly gain: number }[],
  dash: string,
) {
  const sorted = points.toSorted((a, b) => a.ap - b.ap);
  return {
    type: "scatter",
    mode: "lines",
    x: sorted.map(({ ap }) => ap),
    y: sorted.map(({ gain }) => gain),
    line: { color: palette.grey, width: 1.5, dash },
    hoverinfo: "skip",
    showlegend: false,
  };
}
