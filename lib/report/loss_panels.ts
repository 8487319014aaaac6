import type { BoxMotion } from "./box_motion.ts";
import { axis, type Figure, palette } from "./figure.ts";

/** Where the panels begin, as a share of the plot's width. */
const left = 0.47;
/** Room above a panel for its legend, and under it, as shares of the height. */
const room = { above: 0.07, below: 0.07 };

/** One loss or two. */
const few = [
  { color: palette.blue, width: 2.5, dash: "solid" },
  { color: palette.vermillion, width: 2.5, dash: "dash" },
] as const;
/** More of them may coincide: narrow ones over wide ones. */
const many = [
  { color: palette.black, width: 2, dash: "dot" },
  { color: palette.sky, width: 7, dash: "solid" },
  { color: palette.orange, width: 4, dash: "solid" },
  { color: palette.vermillion, width: 1.5, dash: "solid" },
] as const;

/** How the loss of an index among so many is drawn. */
export function lineOf(index: number, losses: number): Figure["layout"] {
  return losses > few.length ? many[index] : few[index];
}

/** A legend in one line, its lower left corner at a share of the plot. */
export function legendAt(x: number, y: number) {
  return {
    orientation: "h",
    x,
    xanchor: "left",
    y,
    yanchor: "bottom",
    font: { size: 13 },
    itemclick: false,
    itemdoubleclick: false,
  };
}

/** Axes and legends 2 and on: one panel below the other, right of the boxes. */
export function lossPanels(
  { panels, shifts, unit }: BoxMotion,
): Figure["layout"] {
  const layout: Record<string, unknown> = {};
  panels.forEach(({ title, losses }, panel) => {
    const last = panel === panels.length - 1;
    const highest = Math.max(
      ...losses.flatMap(({ values }) => Array.from(values)),
    );
    const top = 1 - panel / panels.length - room.above;
    const bottom = 1 - (panel + 1) / panels.length + (last ? 0 : room.below);
    layout[`xaxis${panel + 2}`] = axis(
      last ? `shift of the moving box in ${unit}` : "",
      {
        domain: [left, 1],
        anchor: `y${panel + 2}`,
        range: [shifts[0], shifts.at(-1)],
      },
    );
    layout[`yaxis${panel + 2}`] = axis(title, {
      domain: [bottom, top],
      anchor: `x${panel + 2}`,
      range: [-0.04 * highest, 1.06 * highest],
      nticks: 5,
    });
    layout[`legend${panel + 2}`] = legendAt(left, top);
  });
  return layout;
}
