import type { PyramidPicture } from "./level_panels.ts";

type Levels = PyramidPicture["levels"];

/** One level of values over all locations, as a heatmap takes it. */
export interface LevelRows {
  /** Where the level's locations begin among those of all levels. */
  readonly first: number;
  readonly count: number;
  /** Places of the columns and rows in pixels. */
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** The values row by row; `null` for those that are left out. */
  readonly z: readonly (readonly (number | null)[])[];
}

/** Values from 0 to the largest: ever darker, also for colour-blind readers. */
const colorscale = [
  [0, "#fde725"],
  [0.25, "#5ec962"],
  [0.5, "#21918c"],
  [0.75, "#3b528b"],
  [1, "#440154"],
];

/**
 * Divides values over all locations into those of the levels.
 *
 * @param levels the levels, finest first
 * @param values [A], row by row, level after level
 * @param most up to which a value is left out, so that the image is seen
 */
export function levelRows(
  levels: Levels,
  values: ArrayLike<number>,
  most = 0,
): LevelRows[] {
  let end = 0;
  return levels.map(({ stride, height, width }) => {
    const first = end;
    end += height * width;
    return {
      first,
      count: height * width,
      x: Array.from({ length: width }, (_cell, column) => column * stride),
      y: Array.from({ length: height }, (_cell, row) => row * stride),
      z: Array.from(
        { length: height },
        (_row, row) =>
          Array.from({ length: width }, (_cell, column) => {
            const value = values[first + row * width + column];
            return value > most ? Number(value.toFixed(4)) : null;
          }),
      ),
    };
  });
}

/** A colour axis of such values, its bar right of the figure. */
export function weightColors(
  title: string,
): { colorscale: unknown; colorbar: Record<string, unknown> } {
  return {
    colorscale,
    colorbar: {
      title: { text: title, side: "right", font: { size: 14 } },
      tickfont: { size: 13 },
      thickness: 16,
      len: 280,
      lenmode: "pixels",
      x: 1,
      xpad: 16,
      y: 1,
      yanchor: "top",
      outlinewidth: 0,
    },
  };
}

/**
 * Fails where values do not fit the levels.
 *
 * @param task what cannot be done then
 * @param what the values are
 * @param values one array for each state
 */
export function checkLevels(
  task: string,
  what: string,
  levels: Levels,
  values: readonly ArrayLike<number>[],
): void {
  const count = levels.reduce(
    (sum, { height, width }) => sum + height * width,
    0,
  );
  if (values.some(({ length }) => length !== count)) {
    throw new TypeError(
      `${task}: ${what} must have ${count} values, one for each location: ` +
        `current numbers are ${values.map(({ length }) => length).join(", ")}`,
    );
  }
  const odd = values.flatMap((state) => Array.from(state))
    .find((value) => !(value >= 0 && value < Infinity));
  if (odd !== undefined) {
    throw new RangeError(
      `${task}: ${what} must be 0 or above, and finite: current value is ${odd}`,
    );
  }
}
