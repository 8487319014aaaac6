import { axis, baseLayout, type Figure, palette } from "./figure.ts";
import { type Spread, spread } from "./spread.ts";

/** What one student's errors are, level by level. */
export interface LevelErrorRow {
  readonly name: string;
  /** For each level the errors of all seeds. */
  readonly scores: readonly (readonly number[])[];
  /** The same of the boxes. */
  readonly boxes: readonly (readonly number[])[];
}

const COLORS = [
  palette.grey,
  palette.orange,
  palette.vermillion,
  palette.sky,
  palette.blue,
  palette.green,
] as const;

/**
 * How far students are from their teacher, level by level: class scores on the
 * left, box distributions on the right.
 *
 * Use it for the paper's Figure 4, with the errors of `teacherStudentErrors`.
 * Bars are means over seeds, whiskers deviations.
 *
 * @param rows the students, at least one and at most six
 * @param options
 * - `levels`: names of the levels, in the order of the errors
 * - `tested`: what the errors were measured on, e.g. `BCCD test`
 * @returns a plotly figure, 1000 × 460 pixels
 * @throws {RangeError} when there are no students or too many, or one has not an
 * error for each level
 *
 * Source: Zheng et al., "Localization Distillation for Dense Object
 * Detection", CVPR 2022, Figure 4.
 *
 * @example
 * ```ts
 * import { levelErrors } from "ldlab/report/level_errors.ts";
 * import assert from "node:assert/strict";
 *
 * const figure = levelErrors(
 *   [{ name: "LD", scores: [[1, 3]], boxes: [[20, 24]] }],
 *   { levels: ["P4"], tested: "BCCD test" },
 * );
 * assert.deepEqual(figure.data.map(({ y }) => y), [[2], [22]]);
 * ```
 */
export function levelErrors(
  rows: readonly LevelErrorRow[],
  { levels, tested }: { levels: readonly string[]; tested: string },
): Figure {
  const fit = rows.every(({ scores, boxes }) =>
    scores.length === levels.length && boxes.length === levels.length
  );
  if (rows.length === 0 || rows.length > COLORS.length || !fit) {
    throw new RangeError(
      "Cannot draw errors by level: there must be 1 to " +
        `${COLORS.length} students with an error for each of ` +
        `${levels.join(", ")}: current number of students is ${rows.length}`,
    );
  }
  const repeated = rows.some(({ scores }) =>
    scores.some((values) => values.length > 1)
  );
  const bars = (what: "scores" | "boxes", number: "" | "2") =>
    rows.map((row, at) => {
      const spreads: Spread[] = row[what].map((values) => spread(values));
      return {
        type: "bar",
        name: row.name,
        legendgroup: row.name,
        showlegend: number === "",
        x: levels,
        y: spreads.map(({ mean }) => mean),
        error_y: {
          type: "data",
          array: spreads.map(({ deviation }) => deviation ?? 0),
          visible: spreads.some(({ deviation }) => deviation !== null),
          thickness: 1.5,
          width: 3,
        },
        xaxis: `x${number}`,
        yaxis: `y${number}`,
        marker: { color: COLORS[at] },
        hovertemplate: `${row.name}, %{x}: %{y:.2f}`,
      };
    });
  return {
    data: [...bars("scores", ""), ...bars("boxes", "2")],
    layout: {
      ...baseLayout({
        title: "Mean L1 error between teacher and student",
        subtitle: `${tested}, all locations of a level; smaller is better` +
          (repeated ? "; whiskers are deviations over seeds" : ""),
        width: 1000,
        height: 460,
        margin: { t: 112 },
      }),
      barmode: "group",
      legend: {
        orientation: "h",
        x: 0,
        xanchor: "left",
        y: 1.02,
        yanchor: "bottom",
        font: { size: 13 },
      },
      xaxis: axis("level", { domain: [0, 0.45], showgrid: false }),
      yaxis: axis("class scores, hundredths", { rangemode: "tozero" }),
      xaxis2: axis("level", {
        domain: [0.55, 1],
        showgrid: false,
        anchor: "y2",
      }),
      yaxis2: axis("box distributions, hundredths", {
        rangemode: "tozero",
        anchor: "x2",
      }),
    },
  };
}
