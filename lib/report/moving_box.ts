import { type BoxMotion, checkBoxMotion } from "./box_motion.ts";
import { baseLayout, type Figure, palette } from "./figure.ts";
import { legendAt, lineOf, lossPanels } from "./loss_panels.ts";
import { slider } from "./slider.ts";

/** Room around the panels in pixels. */
const margin = { l: 24, r: 24, t: 96, b: 68 };
/** Pixels at the bottom that only the slider uses. */
const sliderHeight = 92;

/**
 * How losses change while a box moves over its target.
 *
 * Use it to compare what losses pull a box to: left the boxes, right the losses
 * over the shift, one panel for losses of one size. A line marks the teacher's
 * shift, a pale band where the moving box is nearer to the target than the
 * teacher's, and the slider, which needs no kernel, moves the box.
 *
 * @param motion the boxes and the losses
 * @param options `title` of the figure; `states` of the slider, indices of
 * shifts; the figure opens at `open`, one of them
 * @returns a plotly figure, 1000 × 640 pixels
 * @throws {TypeError} when a loss or the boxes have another number of values
 * than there are shifts
 * @throws {RangeError} when a panel has no loss or more than 4, there is no
 * panel, or `open` is not among the states
 *
 * @example
 * ```ts
 * import { movingBox } from "ldlab/report/moving_box.ts";
 * import assert from "node:assert/strict";
 *
 * const figure = movingBox({
 *   shifts: [-1, 0, 1],
 *   unit: "strides",
 *   target: [0, 0, 2, 2],
 *   teacher: [0.5, 0, 2.5, 2],
 *   student: [[-1, 0, 1, 2], [0, 0, 2, 2], [1, 0, 3, 2]],
 *   teacherShift: 0.5,
 *   panels: [{ title: "1 − IoU", losses: [{ name: "IoU", values: [2 / 3, 0, 2 / 3] }] }],
 * }, { title: "A box moves", states: [0, 1, 2], open: 0 });
 * assert.equal(figure.layout.sliders[0].steps.length, 3);
 * ```
 */
export function movingBox(
  motion: BoxMotion,
  { title, states, open }: {
    title: string;
    states: readonly number[];
    open: number;
  },
): Figure {
  checkBoxMotion(motion, states, open);
  const { shifts, unit, target, teacher, student, teacherShift, panels } =
    motion;
  const edge = Math.abs(teacherShift);
  const extent = extentOf([
    target,
    teacher,
    ...states.map((at) => student[at]),
  ]);
  const boxes = [
    { name: "true box", box: target, color: palette.black, dash: "dot" },
    { name: "teacher's box", box: teacher, color: palette.green, dash: "dash" },
    {
      name: "moving box",
      box: student[open],
      color: palette.blue,
      dash: "solid",
    },
  ].map(({ name, box, color, dash }) => ({
    type: "scatter",
    mode: "lines",
    ...outline(box),
    line: { color, width: 3, dash },
    name,
    legend: "legend",
    hoverinfo: "name",
    meta: {
      text: `[${
        Array.from(box, (at) => Number(at.toFixed(2))).join(", ")
      }] ${unit}`,
    },
  }));
  const curves = panels.flatMap(({ losses }, panel) =>
    losses.map(({ name, values }, index) => ({
      type: "scatter",
      mode: "lines",
      x: [...shifts],
      y: Array.from(values),
      xaxis: `x${panel + 2}`,
      yaxis: `y${panel + 2}`,
      line: lineOf(index, losses.length),
      name,
      legend: `legend${panel + 2}`,
      meta: { text: inWords(shifts, values, [0, teacherShift]) },
      hovertemplate: `%{x:.2f} ${unit}: %{y:.3f}`,
    }))
  );
  // The moving box is the last but for its marks on the curves.
  const moved = boxes.length - 1;
  const marks = panels.map(({ losses }, panel) => ({
    type: "scatter",
    mode: "markers",
    x: losses.map(() => shifts[open]),
    y: losses.map(({ values }) => values[open]),
    xaxis: `x${panel + 2}`,
    yaxis: `y${panel + 2}`,
    marker: {
      color: palette.blue,
      size: 10,
      line: { color: "#ffffff", width: 1.5 },
    },
    cliponaxis: false,
    showlegend: false,
    hoverinfo: "skip",
  }));
  const label = (at: number) => `${Number(shifts[at].toFixed(2))}`;
  return {
    data: [...boxes, ...curves, ...marks],
    layout: {
      ...baseLayout({
        title,
        subtitle:
          "Grey: nearer to the true box than the teacher's; green line: on the teacher's",
        width: 1000,
        height: 640,
        margin: { ...margin, b: margin.b + sliderHeight },
      }),
      meta: { controls: sliderHeight },
      xaxis: {
        domain: [0, 0.36],
        range: [extent[0], extent[2]],
        visible: false,
        constrain: "domain",
      },
      yaxis: {
        range: [extent[3], extent[1]],
        visible: false,
        scaleanchor: "x",
        constrain: "domain",
      },
      legend: legendAt(0, 1),
      ...lossPanels(motion),
      shapes: panels.flatMap((_panel, index) => {
        const place = {
          xref: `x${index + 2}`,
          yref: `y${index + 2} domain`,
          y0: 0,
          y1: 1,
        };
        return [
          {
            type: "rect",
            ...place,
            x0: -edge,
            x1: edge,
            fillcolor: "rgba(110,110,110,0.12)",
            line: { width: 0 },
            layer: "below",
          },
          {
            type: "line",
            ...place,
            x0: teacherShift,
            x1: teacherShift,
            line: { color: palette.green, width: 2, dash: "dash" },
          },
        ];
      }),
      sliders: [
        slider(`shift in ${unit}: `, {
          open: states.indexOf(open),
          top: 62,
          steps: states.map((at) => {
            const box = outline(student[at]);
            return {
              label: label(at),
              method: "restyle",
              args: [
                {
                  x: [
                    box.x,
                    ...panels.map(({ losses }) => losses.map(() => shifts[at])),
                  ],
                  y: [
                    box.y,
                    ...panels.map(({ losses }) =>
                      losses.map(({ values }) => values[at])
                    ),
                  ],
                },
                [
                  moved,
                  ...marks.map((_mark, index) =>
                    boxes.length + curves.length + index
                  ),
                ],
              ],
            };
          }),
        }),
      ],
    },
  };
}

const outline = ({ 0: x1, 1: y1, 2: x2, 3: y2 }: ArrayLike<number>) => ({
  x: [x1, x2, x2, x1, x1],
  y: [y1, y1, y2, y2, y1],
});

/** What holds all boxes, with some room. */
function extentOf(boxes: readonly ArrayLike<number>[]): number[] {
  const room = 0.4;
  return [0, 1, 2, 3].map((at) => {
    const values = boxes.map((box) => box[at]);
    return at < 2 ? Math.min(...values) - room : Math.max(...values) + room;
  });
}

/** The lowest place of a loss, and its value at some shifts. */
function inWords(
  shifts: readonly number[],
  values: ArrayLike<number>,
  told: readonly number[],
): string {
  const all = Array.from(values);
  const nearest = (shift: number) =>
    shifts.reduce(
      (best, at, index) =>
        Math.abs(at - shift) < Math.abs(shifts[best] - shift) ? index : best,
      0,
    );
  const lowest = all.indexOf(Math.min(...all));
  return [
    `lowest ${all[lowest].toFixed(3)} first at ${shifts[lowest].toFixed(2)}`,
    ...told.map((shift) =>
      `${all[nearest(shift)].toFixed(3)} at ${shift.toFixed(2)}`
    ),
  ].join(", ");
}
