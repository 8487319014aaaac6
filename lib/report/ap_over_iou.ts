import {
  type BandedPoint,
  bandPoints,
  bandTrace,
  linePoints,
  lineTrace,
  rowLooks,
} from "./banded_lines.ts";
import {
  axis,
  baseLayout,
  type Figure,
  legendAbove,
  palette,
} from "./figure.ts";
import { slider } from "./slider.ts";
import { spread } from "./spread.ts";

/** One row of a table by IoU thresholds. */
export interface IouRow {
  readonly name: string;
  /** Index of the row that its gain is over; `null` for a baseline. */
  readonly over: number | null;
  /** What it reached in each of the classes. */
  readonly classes: readonly IouCurve[];
  /** Its gain as published, by thresholds, of the first of the classes. */
  readonly paper?: readonly (number | null)[];
}

/** What a row reached in one class, in points. */
export interface IouCurve {
  /** AP of each seed, by thresholds; empty for a row without a result. */
  readonly ap: readonly (readonly number[])[];
  /** What it gained, by thresholds; empty where nothing is known. */
  readonly gains: readonly {
    readonly mean: number;
    /** Half width of the mean's 95 % confidence interval. */
    readonly halfWidth: number | null;
  }[];
}

/** Pixels at the bottom that only the slider uses. */
const sliderHeight = 96;
const margin = { l: 64, r: 24, t: 116, b: 60 };

/**
 * AP over the IoU threshold on the left, and what was gained on the right.
 *
 * Use it to see whether a row helps where boxes must be exact: LD's gain is to grow
 * with the threshold. Bands are deviations over seeds on the left and the means'
 * 95 % confidence intervals on the right; open diamonds are the paper's gains.
 * Several classes are a slider, which needs no kernel.
 *
 * @param rows at least one, each with a curve for each class
 * @param options
 * - `thresholds`: of IoU, from 0 to 1
 * - `classes`: their names, the first for all of them together
 * - `over`: what the gains are over, e.g. `no LD`
 * - `tested`: what was measured on, e.g. `BCCD test`
 * @returns a plotly figure, 1000 × 500 pixels, higher by its slider
 * @throws {RangeError} when there is no row or class, or a row has not a curve for
 * each class
 *
 * @example
 * ```ts
 * import { apOverIou } from "ldlab/report/ap_over_iou.ts";
 * import assert from "node:assert/strict";
 *
 * const gains = [{ mean: 1, halfWidth: null }, { mean: 3, halfWidth: null }];
 * const figure = apOverIou([
 *   { name: "alone", over: null, classes: [{ ap: [[70], [30]], gains: [] }] },
 *   { name: "LD", over: 0, classes: [{ ap: [[71], [33]], gains }] },
 * ], { thresholds: [0.5, 0.75], classes: ["all"], over: "no LD", tested: "VOC" });
 * assert.deepEqual(figure.data.filter(({ name }) => name === "LD").map(({ y }) => y), [
 *   [71, 33],
 *   [1, 3],
 * ]);
 * ```
 */
export function apOverIou(
  rows: readonly IouRow[],
  { thresholds, classes, over, tested }: {
    thresholds: readonly number[];
    classes: readonly string[];
    over: string;
    tested: string;
  },
): Figure {
  const fit = rows.every((row) => row.classes.length === classes.length);
  if (rows.length === 0 || classes.length === 0 || !fit) {
    throw new RangeError(
      "Cannot draw AP over IoU: there must be at least one row, with a curve for " +
        `each of ${classes.join(", ") || "no classes"}: current numbers are ` +
        `[${rows.map((row) => row.classes.length)}]`,
    );
  }
  const looks = rowLooks(rows);
  const gained = [...rows.keys()].filter((at) => rows[at].over !== null);
  const papers = gained.filter((at) =>
    rows[at].paper?.some((gain) => gain !== null)
  );
  const states = classes.map((_name, state) => ({
    left: rows.map((row) => apPoints(row.classes[state], thresholds)),
    right: gained.map((at) => gainPoints(rows[at].classes[state], thresholds)),
  }));
  const [{ left, right }] = states;
  const panel2 = { xaxis: "x2", yaxis: "y2", showlegend: false };
  const names = gained.map((at) => rows[at].name);
  const subtitle = (state: number) => {
    const repeated = states[state].right.flat()
      .some(({ half }) => half !== null);
    return `${tested}, ${classes[state]}` +
      (repeated ? "; gains with their 95 % confidence intervals" : "");
  };
  const slides = classes.length > 1;
  const controls = slides ? sliderHeight : 0;
  return {
    data: [
      ...rows.map(({ name }, at) => bandTrace(name, left[at], looks[at])),
      ...names.map((name, at) => ({
        ...bandTrace(name, right[at], looks[gained[at]]),
        ...panel2,
      })),
      ...rows.map(({ name }, at) => ({
        ...lineTrace(name, left[at], looks[at]),
        hovertemplate: "IoU %{x}: AP %{y:.1f}",
      })),
      ...names.map((name, at) => ({
        ...lineTrace(name, right[at], looks[gained[at]]),
        ...panel2,
        hovertemplate: "IoU %{x}: %{y:+.1f}",
      })),
      ...papers.map((at) => paperTrace(rows[at], thresholds, looks[at].color)),
    ],
    layout: {
      ...baseLayout({
        title: `AP over the IoU threshold, and its gain over ${over}`,
        subtitle: subtitle(0),
        width: 1000,
        height: 500 + controls,
        margin: { ...margin, b: margin.b + controls },
      }),
      legend: legendAbove,
      xaxis: axis("IoU threshold", { domain: [0, 0.45], dtick: 0.1 }),
      yaxis: axis("AP", { rangemode: "tozero" }),
      xaxis2: axis("IoU threshold", {
        domain: [0.55, 1],
        anchor: "y2",
        dtick: 0.1,
      }),
      yaxis2: axis("gain in AP, points", {
        anchor: "x2",
        zeroline: true,
        zerolinecolor: palette.black,
        zerolinewidth: 1.5,
      }),
      ...(slides
        ? {
          meta: { controls },
          sliders: [slider("class: ", {
            open: 0,
            top: 54,
            steps: states.map(({ left, right }, state) => {
              const points = [
                ...[...left, ...right].map(bandPoints),
                ...[...left, ...right].map(linePoints),
                ...papers.map((at) =>
                  paperPoints(state === 0 ? rows[at] : {}, thresholds)
                ),
              ];
              return {
                label: classes[state],
                method: "update",
                args: [
                  {
                    x: points.map(({ x }) => x),
                    y: points.map(({ y }) => y),
                  },
                  { "title.subtitle.text": subtitle(state) },
                ],
              };
            }),
          })],
        }
        : {}),
    },
  };
}

function apPoints(
  { ap }: IouCurve,
  thresholds: readonly number[],
): BandedPoint[] {
  return ap.map((values, at) => {
    const { mean, deviation } = spread(values);
    return { x: thresholds[at], mean, half: deviation };
  });
}

function gainPoints(
  { gains }: IouCurve,
  thresholds: readonly number[],
): BandedPoint[] {
  return gains.map(({ mean, halfWidth }, at) => ({
    x: thresholds[at],
    mean,
    half: halfWidth,
  }));
}

/** The paper's gains, which are of all classes together. */
function paperPoints(
  { paper = [] }: Pick<IouRow, "paper">,
  thresholds: readonly number[],
) {
  const known = [...paper.keys()].filter((at) => paper[at] !== null);
  return {
    x: known.map((at) => thresholds[at]),
    y: known.map((at) => paper[at]),
  };
}

function paperTrace(row: IouRow, thresholds: readonly number[], color: string) {
  return {
    type: "scatter",
    mode: "markers",
    ...paperPoints(row, thresholds),
    xaxis: "x2",
    yaxis: "y2",
    marker: { symbol: "diamond-open", size: 11, color, line: { width: 2 } },
    name: `${row.name}, paper`,
    hovertemplate: "IoU %{x}: %{y:+.1f}",
  };
}
