import { axis, baseLayout, type Figure, palette } from "./figure.ts";
import { spread } from "./spread.ts";
import { formatCell } from "./table.ts";

/** How an AP is written. */
const digits = { heading: "AP", kind: "number", digits: 1 } as const;

/** What one setting reached: AP of each seed, in points (0 to 100). */
export interface TemperatureRow {
  /** τ of LD; `null` is the baseline without LD. */
  readonly temperature: number | null;
  /** One AP per seed. */
  readonly ap: readonly number[];
}

/**
 * AP over the temperature τ of localization distillation, beside the paper's.
 *
 * Use it for Table 1a: does LD help, at which τ, and is the gain larger than
 * what a seed changes? Mean ± deviation over seeds, each seed as a dot, the
 * baseline without LD as a dashed line with its deviation as a band. The
 * paper's curve has an axis of its own on the right, for another data set and
 * other networks give other levels; that axis is shifted so that both
 * baselines lie on the same line, and not stretched: a gain of one AP is the
 * same height on either.
 *
 * @param options
 * - `rows`: this run; one row with `temperature` null, any number with τ > 0,
 *   AP in points
 * - `paper`: the published rows, one AP each, with their baseline
 * - `here`: what was run, for the left axis, e.g. `BCCD test`
 * - `there`: the same for the paper, e.g. `COCO val2017`
 * - `metric`: which of the COCO figures it is, `AP` by default
 * @returns a plotly figure, 760 × 480 pixels
 * @throws {RangeError} without a baseline row, when a row has no seed, or when
 * a temperature is not above 0
 *
 * Source: Zheng et al., "Localization Distillation for Dense Object
 * Detection", CVPR 2022, Table 1a.
 *
 * @example
 * ```ts
 * import { apOverTemperature } from "ldlab/report/ap_over_temperature.ts";
 * import assert from "node:assert/strict";
 *
 * const figure = apOverTemperature({
 *   rows: [
 *     { temperature: null, ap: [38.5, 39.1] },
 *     { temperature: 10, ap: [40.6, 41.2] },
 *   ],
 *   paper: [{ temperature: null, ap: [40.1] }, { temperature: 10, ap: [41.1] }],
 *   here: "BCCD test",
 *   there: "COCO val2017",
 * });
 * const [low, high] = figure.layout.yaxis.range;
 * const [paperLow, paperHigh] = figure.layout.yaxis2.range;
 * assert.ok(Math.abs((high - low) - (paperHigh - paperLow)) < 1e-9);
 * ```
 */
export function apOverTemperature(
  { rows, paper, here, there, metric = "AP" }: {
    rows: readonly TemperatureRow[];
    paper: readonly TemperatureRow[];
    here: string;
    there: string;
    metric?: string;
  },
): Figure {
  const ours = readRows(rows, here);
  const theirs = readRows(paper, there);
  const base = ours.baseline;
  const shift = theirs.baseline.mean - base.mean;
  const temperatures = [
    ...new Set([...ours.curve, ...theirs.curve].map((row) => row.temperature)),
  ].sort((a, b) => a - b);
  const span = temperatures.length > 1
    ? temperatures.at(-1)! - temperatures[0]
    : 1;
  const left = temperatures[0] - 0.07 * span;
  const right = temperatures.at(-1)! + 0.07 * span;
  const dotOffset = 0.012 * span;

  const heights = [
    ...[base, ...ours.curve].flatMap(({ mean, deviation, values }) => [
      mean - (deviation ?? 0),
      mean + (deviation ?? 0),
      ...values,
    ]),
    ...theirs.curve.map(({ mean }) => mean - shift),
  ];
  const [low, high] = [Math.min(...heights), Math.max(...heights)];
  const room = 0.08 * Math.max(high - low, 1);
  const range = [low - room, high + room];

  const repeated = ours.curve.some((row) => row.deviation !== null);

  const data: Record<string, unknown>[] = [];
  if (base.deviation !== null) {
    data.push({
      type: "scatter",
      mode: "lines",
      x: [left, right, right, left],
      y: [-1, -1, 1, 1].map((sign) => base.mean + sign * base.deviation!),
      fill: "toself",
      fillcolor: "rgba(110,110,110,0.18)",
      line: { width: 0 },
      name: "baseline ± deviation",
      hoverinfo: "skip",
      showlegend: false,
    });
  }
  data.push({
    type: "scatter",
    mode: "lines",
    x: [left, right],
    y: [base.mean, base.mean],
    line: { color: palette.grey, width: 2, dash: "dash" },
    name: `without LD: here ${formatCell(base, digits)}, paper ${
      formatCell(theirs.baseline.mean, digits)
    }`,
    hoverinfo: "name",
  }, {
    type: "scatter",
    mode: "lines+markers",
    x: theirs.curve.map((row) => row.temperature),
    y: theirs.curve.map((row) => row.mean),
    yaxis: "y2",
    line: { color: palette.vermillion, width: 2, dash: "dot" },
    marker: {
      symbol: "diamond-open",
      size: 10,
      color: palette.vermillion,
      line: { width: 2 },
    },
    name: "paper (right axis)",
    hovertemplate: `τ = %{x}: ${metric} %{y:.1f}`,
  }, {
    type: "scatter",
    mode: "lines+markers",
    x: ours.curve.map((row) => row.temperature),
    y: ours.curve.map((row) => row.mean),
    error_y: {
      type: "data",
      array: ours.curve.map((row) => row.deviation ?? 0),
      visible: repeated,
      thickness: 2,
      width: 6,
      color: palette.blue,
    },
    line: { color: palette.blue, width: 2.5 },
    marker: { symbol: "circle", size: 11, color: palette.blue },
    name: repeated
      ? "here: mean ± deviation of seeds (left axis)"
      : "here: one seed (left axis)",
    hovertemplate: `τ = %{x}: ${metric} %{y:.1f}`,
  });
  if (repeated) {
    data.push({
      type: "scatter",
      mode: "markers",
      // A little to the right, out of the error bar.
      x: ours.curve.flatMap((row) =>
        row.values.map(() => row.temperature + dotOffset)
      ),
      y: ours.curve.flatMap((row) => row.values),
      marker: {
        symbol: "circle-open",
        size: 7,
        color: palette.blue,
        line: { width: 1.5 },
      },
      name: "here: one seed each",
      hovertemplate: `${metric} %{y:.1f}`,
    });
  }
  return {
    data,
    layout: {
      ...baseLayout({
        title: `${metric} over the temperature τ of localization distillation`,
        width: 760,
        height: 500,
        margin: { r: 76, t: 104, b: 66 },
      }),
      legend: {
        orientation: "h",
        x: 0,
        xanchor: "left",
        y: 1.02,
        yanchor: "bottom",
        font: { size: 13 },
        entrywidth: 250,
        traceorder: "normal",
      },
      xaxis: axis("temperature τ", {
        tickvals: temperatures,
        range: [left, right],
      }),
      yaxis: axis(`${metric} here (${here})`, {
        range,
        color: palette.blue,
      }),
      yaxis2: axis(`${metric} in the paper (${there})`, {
        range: range.map((value) => value + shift),
        color: palette.vermillion,
        overlaying: "y",
        side: "right",
        showgrid: false,
        tickmode: "auto",
      }),
    },
  };
}

function readRows(rows: readonly TemperatureRow[], where: string) {
  const baseline = rows.find((row) => row.temperature === null);
  if (baseline === undefined) {
    throw new RangeError(
      `Cannot draw AP over τ: the rows of ${where} must hold a baseline (temperature null): ` +
        `current temperatures are ${rows.map((row) => row.temperature)}`,
    );
  }
  const curve = rows.flatMap(({ temperature, ap }) => {
    if (temperature === null) return [];
    if (!(temperature > 0)) {
      throw new RangeError(
        `Cannot draw AP over τ: a temperature of ${where} must be above 0: current value is ${temperature}`,
      );
    }
    return [{ temperature, ...spread(ap) }];
  }).sort((a, b) => a.temperature - b.temperature);
  if (curve.length === 0) {
    throw new RangeError(
      `Cannot draw AP over τ: the rows of ${where} must hold at least one temperature beside the baseline`,
    );
  }
  return { baseline: spread(baseline.ap), curve };
}
