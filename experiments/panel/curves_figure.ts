import {
  axis,
  baseLayout,
  type Figure,
  palette,
} from "../../lib/report/mod.ts";
import type { PanelHistory } from "./history.ts";

/** Points of a line that are drawn at most; more cannot be told apart. */
const DRAWN = 400;
/** Moves of sliders that are marked, the last ones. */
const MARKED = 30;

/** The terms of distillation stand out from the detector's own. */
const lines: Readonly<Record<string, object>> = {
  qfl: { color: palette.grey, width: 1.5, dash: "solid" },
  giou: { color: palette.grey, width: 1.5, dash: "dash" },
  dfl: { color: palette.grey, width: 1.5, dash: "dot" },
  ld: { color: palette.blue, width: 2.5, dash: "solid" },
  vlrLd: { color: palette.vermillion, width: 2.5, dash: "solid" },
  kd: { color: palette.green, width: 2.5, dash: "solid" },
};

const names: Readonly<Record<string, string>> = {
  ...{ qfl: "QFL", giou: "GIoU", dfl: "DFL" },
  ...{ ld: "LD", vlrLd: "VLR LD", kd: "KD" },
};

/**
 * The curves of a panel: weighted losses left, AP right, over the steps. Moves of
 * sliders are marked.
 *
 * @param history What they are drawn from.
 * @param teacherAp The teacher's AP on the same images, in [0, 1].
 * @param options.images How many images AP is of.
 */
export function curvesFigure(
  { points, measures, changes }: PanelHistory,
  teacherAp: number,
  { images }: { images: number },
): Figure {
  const every = Math.max(1, Math.ceil(points.length / DRAWN));
  const drawn = points.filter((_, index) =>
    index % every === 0 || index === points.length - 1
  );
  const steps = drawn.map(({ iteration }) => iteration);
  const last = Math.max(points.at(-1)?.iteration ?? 0, 20);
  const losses = Object.entries(lines).map(([name, line]) => ({
    type: "scatter",
    mode: "lines",
    x: steps,
    // A term of weight 0 has no place on a logarithmic axis.
    y: drawn.map(({ terms }) => terms[name] > 0 ? terms[name] : null),
    name: names[name],
    line,
    hovertemplate: `${names[name]} %{y:.3g} at step %{x}`,
  }));
  const ap = {
    type: "scatter",
    xaxis: "x2",
    yaxis: "y2",
    legend: "legend2",
  };
  return {
    data: [
      ...losses,
      {
        ...ap,
        mode: "lines",
        x: [0, last],
        y: [100 * teacherAp, 100 * teacherAp],
        name: `teacher, ${(100 * teacherAp).toFixed(1)}`,
        line: { color: palette.black, width: 2, dash: "dash" },
        hovertemplate: "teacher: AP %{y:.1f}",
      },
      {
        ...ap,
        mode: "lines+markers",
        x: measures.map(({ iteration }) => iteration),
        y: measures.map(({ ap }) => 100 * ap),
        name: measures.length === 0
          ? "student"
          : `student, ${(100 * measures.at(-1)!.ap).toFixed(1)}`,
        line: { color: palette.purple, width: 2.5 },
        marker: { size: 5 },
        hovertemplate: "student: AP %{y:.1f} at step %{x}",
      },
    ],
    layout: {
      ...baseLayout({
        title: "Weighted losses and AP; ▾ marks a slider that was moved",
        width: 940,
        height: 360,
        margin: { l: 64, r: 20, t: 78, b: 54 },
      }),
      xaxis: axis("step", { domain: [0, 0.58], range: [0, last] }),
      yaxis: axis("loss", { type: "log", dtick: 1, tickformat: "~g" }),
      xaxis2: axis("step", {
        domain: [0.68, 1],
        range: [0, last],
        anchor: "y2",
      }),
      yaxis2: axis(`AP on ${images} images`, {
        anchor: "x2",
        range: [
          0,
          Math.max(
            10,
            115 * teacherAp,
            ...measures.map(
              ({ ap }) => 110 * ap,
            ),
          ),
        ],
        nticks: 6,
      }),
      legend: legendAt(0),
      legend2: legendAt(0.68),
      shapes: changes.slice(-MARKED).map(({ iteration }) => ({
        type: "line",
        x0: iteration,
        x1: iteration,
        yref: "y domain",
        y0: 0,
        y1: 1,
        line: { color: palette.orange, width: 1, dash: "dot" },
      })),
      annotations: changes.slice(-MARKED).map(
        ({ iteration, label, from, to }) => ({
          x: iteration,
          yref: "y domain",
          y: 1,
          yanchor: "top",
          yshift: 4,
          text: "▾",
          font: { color: palette.vermillion, size: 14 },
          showarrow: false,
          hovertext: `${label}: ${from} → ${to} after step ${iteration}`,
        }),
      ),
    },
  };
}

const legendAt = (x: number) => ({
  orientation: "h",
  x,
  xanchor: "left",
  y: 1.02,
  yanchor: "bottom",
  font: { size: 13 },
  itemclick: false,
  itemdoubleclick: false,
});
