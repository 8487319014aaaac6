import { baseLayout, type Figure, legendAbove } from "./figure.ts";
import {
  levelPanels,
  panelTitle,
  type PyramidPicture,
  rowName,
  trueBoxLines,
} from "./level_panels.ts";
import { checkLevels, levelRows, weightColors } from "./level_rows.ts";

/** Room around the panels in pixels. */
const margin = { l: 20, r: 100, t: 112, b: 20 };

/** One student's errors over a picture. */
export interface MappedErrors {
  readonly name: string;
  /** [A]: 0 or above, one for each location of all levels. */
  readonly errors: ArrayLike<number>;
}

/**
 * Where students differ from their teacher over an image, level by level, a row
 * of panels for each student.
 *
 * Use it for the paper's Figure 5, with the maps of `boxLogitErrorMap`. All
 * panels have one scale of colours; here, unlike in the paper, lighter is
 * better.
 *
 * @param picture the image, its true boxes and the levels to be shown
 * @param maps the students, at least one
 * @param options.title of the figure
 * @returns a plotly figure, 1000 pixels wide
 * @throws {TypeError} when a student has not one error for each location
 * @throws {RangeError} when there is no student, or an error is negative or not
 * finite
 *
 * Source: Zheng et al., "Localization Distillation for Dense Object
 * Detection", CVPR 2022, Figure 5.
 *
 * @example
 * ```ts
 * import { errorMap } from "ldlab/report/error_map.ts";
 * import assert from "node:assert/strict";
 *
 * const figure = errorMap({
 *   image: { source: "data:image/png;base64,", width: 64, height: 64 },
 *   name: "a square",
 *   truth: [[4, 4, 40, 40]],
 *   levels: [{ name: "P5", stride: 32, height: 2, width: 2 }],
 * }, [{ name: "LD", errors: [1, 2, 3, 6] }], { title: "Errors" });
 * assert.equal(figure.layout.annotations[0].text, "P5: mean 3.0");
 * assert.equal(figure.layout.coloraxis.cmax, 6);
 * ```
 */
export function errorMap(
  picture: PyramidPicture,
  maps: readonly MappedErrors[],
  { title }: { title: string },
): Figure {
  const { levels } = picture;
  if (maps.length === 0) {
    throw new RangeError(
      "Cannot map errors: there must be at least one student: current number is 0",
    );
  }
  const errors = maps.map(({ errors }) => errors);
  checkLevels("Cannot map errors", "errors", levels, errors);
  const frame = levelPanels(picture, {
    width: 1000 - margin.l - margin.r,
    rows: maps.length,
    named: true,
  });
  const rows = errors.map((values) => levelRows(levels, values, -1));
  const values = (row: number, level: number) =>
    rows[row][level].z.flat() as number[];
  return {
    data: [
      ...frame.panels.map(({ row, level, xaxis, yaxis }) => {
        const { x, y, z } = rows[row][level];
        return {
          type: "heatmap",
          ...{ x, y, z, xaxis, yaxis },
          coloraxis: "coloraxis",
          opacity: 0.75,
          name: `${maps[row].name}, ${levels[level].name}`,
          hovertemplate: "location (%{x}, %{y}) px: error %{z:.2f}",
        };
      }),
      ...frame.panels.flatMap((panel, index) =>
        trueBoxLines(picture, panel, { legend: index === 0 })
      ),
    ],
    layout: {
      ...baseLayout({
        title,
        subtitle:
          `${picture.name}; a cell is a location, above each panel the mean of its level; lighter is better`,
        width: 1000,
        height: frame.height + margin.t + margin.b,
        margin,
      }),
      ...frame.layout,
      annotations: [
        ...frame.panels.map((panel) => {
          const { row, level } = panel;
          const all = values(row, level);
          const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
          const text = `${levels[level].name}: mean ${mean.toFixed(1)}`;
          return panelTitle(panel, text);
        }),
        ...maps.map(({ name }, row) =>
          rowName(frame.panels[row * levels.length], name)
        ),
      ],
      coloraxis: {
        ...weightColors("L1 error"),
        cmin: 0,
        cmax: Math.max(...errors.flatMap((each) => Array.from(each))) || 1,
      },
      legend: legendAbove,
    },
  };
}
