import { baseLayout, type Figure, legendAbove, palette } from "./figure.ts";
import {
  boxLines,
  levelPanels,
  panelTitle,
  type PyramidPicture,
  trueBoxLines,
} from "./level_panels.ts";
import { checkLevels, levelRows, weightColors } from "./level_rows.ts";

/** Room around the panels in pixels. */
const margin = { l: 20, r: 100, t: 116, b: 20 };

/** Of differences up to this only the number is drawn: the image is to be seen. */
const smallest = 0.05;

/** A box that GI selects. */
export interface SelectedBox {
  /** Which location, among those of all levels. */
  readonly location: number;
  /** [x1, y1, x2, y2] in pixels. */
  readonly box: ArrayLike<number>;
  /** Who is surer of the object there, whose box it is. */
  readonly by: "teacher" | "student";
}

const owners = [
  {
    by: "teacher",
    name: "teacher is surer: its box",
    color: palette.vermillion,
    dash: "solid",
  },
  {
    by: "student",
    name: "student is surer: its box",
    color: palette.blue,
    dash: "dash",
  },
] as const;

/**
 * What general instance (GI) selection keeps of an image, level by level.
 *
 * Use it to see where student and teacher differ most: a cell is a location,
 * coloured by the largest difference of their scores over the classes; the
 * selected locations are numbered by it, with the box of whichever detector is
 * surer there. True boxes are dotted. Where the difference is 0.05 or less, there
 * is neither cell nor box.
 *
 * @param picture the image, its true boxes and its levels
 * @param options `title` of the figure; `scores` [A]: the difference at each
 * location, in [0, 1]; `selected`: the kept boxes in any order
 * @returns a plotly figure, 1000 pixels wide
 * @throws {TypeError} when there is not one score for each location of all levels
 * @throws {RangeError} when a selected location is none of theirs
 *
 * Source: Dai et al., "General Instance Distillation for Object Detection",
 * CVPR 2021, section 3.1; in the form that LD's released code has.
 *
 * @example
 * ```ts
 * import { giSelection } from "ldlab/report/gi_selection.ts";
 * import assert from "node:assert/strict";
 *
 * const figure = giSelection({
 *   image: { source: "data:image/png;base64,", width: 16, height: 16 },
 *   name: "a square",
 *   truth: [[4, 4, 12, 12]],
 *   levels: [{ name: "P3", stride: 8, height: 2, width: 2 }],
 * }, {
 *   title: "GI",
 *   scores: [0.1, 0, 0.3, 0.6],
 *   selected: [{ location: 3, box: [3, 4, 12, 13], by: "teacher" }],
 * });
 * assert.equal(figure.layout.annotations[0].text, "P3: 1 of 4");
 * ```
 */
export function giSelection(
  picture: PyramidPicture,
  { title, scores, selected }: {
    title: string;
    scores: ArrayLike<number>;
    selected: readonly SelectedBox[];
  },
): Figure {
  const { image, levels } = picture;
  checkLevels("Cannot draw a GI selection", "scores", levels, [scores]);
  const odd = selected.find(({ location }) => !(location in scores));
  if (odd !== undefined) {
    throw new RangeError(
      `Cannot draw a GI selection: a selected location must be 0 to ${
        scores.length - 1
      }: current value is ${odd.location}`,
    );
  }
  const frame = levelPanels(picture, {
    width: 1000 - margin.l - margin.r,
    rows: 1,
    named: false,
  });
  const rows = levelRows(levels, scores, smallest);
  const picks = rows.map(({ first, count }) =>
    selected.filter(({ location }) =>
      location >= first && location < first + count
    ).sort((a, b) => scores[b.location] - scores[a.location])
  );
  const data = frame.panels.flatMap((panel, level) => {
    const { name, stride, width } = levels[level];
    const { x, y, z, first } = rows[level];
    const { xaxis, yaxis } = panel;
    const at = picks[level].map(({ location }) => location - first);
    return [
      {
        type: "heatmap",
        x,
        y,
        z,
        xaxis,
        yaxis,
        coloraxis: "coloraxis",
        opacity: 0.75,
        hoverongaps: false,
        name: `score difference, ${name}`,
        meta: { text: inWords(picks[level], scores) },
        hovertemplate: `${name}, location (%{x}, %{y}) px: difference %{z:.3f}`,
      },
      ...trueBoxLines(picture, panel, { dash: "dot", legend: level === 0 }),
      ...owners.flatMap(({ by, name, color, dash }) =>
        boxLines(
          panel,
          picks[level].filter((pick) =>
            pick.by === by && scores[pick.location] > smallest
          ).map(({ box }) => box),
          {
            name,
            color,
            dash,
            legend: level === 0,
            text: `${
              selected.filter((pick) => pick.by === by).length
            } of ${selected.length} boxes`,
          },
        )
      ),
      {
        type: "scatter",
        mode: "text",
        x: at.map((cell) => within((cell % width) * stride, image.width)),
        y: at.map((cell) =>
          within(Math.floor(cell / width) * stride, image.height)
        ),
        text: at.map((_cell, rank) => `<b>${rank + 1}</b>`),
        textfont: { size: 14, color: palette.black },
        xaxis,
        yaxis,
        showlegend: false,
        hoverinfo: "skip",
      },
    ];
  });
  return {
    data,
    layout: {
      ...baseLayout({
        title,
        subtitle:
          `${picture.name}; numbers rank the selected locations of a level; differences up to ${smallest} have no cell and no box`,
        width: 1000,
        height: frame.height + margin.t + margin.b,
        margin,
      }),
      ...frame.layout,
      annotations: frame.panels.map((panel, level) =>
        panelTitle(
          panel,
          `${levels[level].name}: ${picks[level].length} of ${
            rows[level].count
          }`,
        )
      ),
      coloraxis: {
        ...weightColors("score difference"),
        cmin: 0,
        cmax: Array.from(scores).reduce((a, b) => Math.max(a, b), 0) || 1,
      },
      legend: legendAbove,
    },
  };
}

/** A place that leaves room for a number beside the border of the image. */
const within = (place: number, size: number) =>
  Math.min(Math.max(place, 0.03 * size), 0.97 * size);

function inWords(
  picks: readonly SelectedBox[],
  scores: ArrayLike<number>,
): string {
  const count = `${picks.length} selected`;
  if (picks.length === 0) return count;
  const told = picks.map(({ location, by }) =>
    `${scores[location].toFixed(2)} (${by})`
  );
  return `${count}: ${told.join(", ")}`;
}
