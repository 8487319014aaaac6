import { type Figure, palette } from "./figure.ts";

/** An image, its objects and the pyramid levels that look at it. */
export interface PyramidPicture {
  /** The picture; width and height are those of the box coordinates, in pixels. */
  readonly image: {
    readonly source: string;
    readonly width: number;
    readonly height: number;
  };
  /** What the picture is, e.g. the file's name. */
  readonly name: string;
  /** The true boxes, each [x1, y1, x2, y2] in pixels. */
  readonly truth: readonly ArrayLike<number>[];
  /**
   * The levels, finest first. The location of column i and row j lies at
   * (i · stride, j · stride); locations count row by row, level after level.
   */
  readonly levels: readonly {
    readonly name: string;
    readonly stride: number;
    readonly height: number;
    readonly width: number;
  }[];
}

/** Where a panel of one level is, and how plotly calls its axes. */
export interface LevelPanel {
  readonly level: number;
  readonly row: number;
  /** `x`, `x2`, … and `y`, `y2`, …, as traces name them. */
  readonly xaxis: string;
  readonly yaxis: string;
}

/** The panels of a figure and what its layout needs for them. */
export interface LevelPanels {
  readonly panels: readonly LevelPanel[];
  /** Size of the figure that holds them, without its margins. */
  readonly width: number;
  readonly height: number;
  /** Axes and images, to be spread into the layout. */
  readonly layout: Figure["layout"];
}

/** Pixels between panels, and above one for its title. */
const gap = 14;
const titleHeight = 24;
/** Pixels above a row for its name. */
const nameHeight = 26;

/**
 * Panels of an image, one for each pyramid level, or for each of anything else
 * that is shown over it.
 *
 * @param picture the image and its levels
 * @param options `width` of all panels together in pixels; `rows` of panels, one
 * for each thing that is compared; a single row without a name breaks after
 * three panels, which so are larger
 * @returns the panels row by row, and their axes
 */
export function levelPanels(
  { image, levels }: Pick<PyramidPicture, "image"> & {
    readonly levels: readonly unknown[];
  },
  { width, rows, named }: { width: number; rows: number; named: boolean },
): LevelPanels {
  const columns = rows === 1 ? Math.min(levels.length, 3) : levels.length;
  const lines = rows === 1 ? Math.ceil(levels.length / columns) : rows;
  const side = (width - (columns - 1) * gap) / columns;
  const tall = side * image.height / image.width;
  const above = titleHeight + (named ? nameHeight : 0);
  const height = lines * (above + tall) + (lines - 1) * gap;
  const panels: LevelPanel[] = [];
  const layout: Record<string, unknown> = {};
  for (let row = 0; row < rows; row++) {
    for (const level of levels.keys()) {
      const number = panels.length === 0 ? "" : `${panels.length + 1}`;
      const line = rows === 1 ? Math.floor(level / columns) : row;
      const left = (level % columns) * (side + gap);
      const top = line * (above + tall + gap) + above;
      layout[`xaxis${number}`] = {
        domain: [left / width, (left + side) / width],
        anchor: `y${number}`,
        range: [0, image.width],
        visible: false,
        fixedrange: true,
      };
      layout[`yaxis${number}`] = {
        domain: [1 - (top + tall) / height, 1 - top / height],
        anchor: `x${number}`,
        range: [image.height, 0],
        visible: false,
        fixedrange: true,
      };
      panels.push({ level, row, xaxis: `x${number}`, yaxis: `y${number}` });
    }
  }
  layout.images = panels.map(({ xaxis, yaxis }) => ({
    source: image.source,
    xref: xaxis,
    yref: yaxis,
    x: 0,
    y: 0,
    sizex: image.width,
    sizey: image.height,
    sizing: "stretch",
    layer: "below",
    // Pale, so that what lies over it is seen.
    opacity: 0.6,
  }));
  return { panels, width, height, layout };
}

/** A title above a panel. */
export function panelTitle(
  { xaxis, yaxis }: LevelPanel,
  text: string,
): Record<string, unknown> {
  return {
    text,
    xref: `${xaxis} domain`,
    yref: `${yaxis} domain`,
    x: 0,
    xanchor: "left",
    y: 1,
    yanchor: "bottom",
    showarrow: false,
    font: { size: 13 },
  };
}

/** The name of a row, above the titles of its panels. */
export function rowName(
  first: LevelPanel,
  text: string,
): Record<string, unknown> {
  return {
    ...panelTitle(first, `<b>${text}</b>`),
    yshift: titleHeight - 4,
    font: { size: 14 },
  };
}

/**
 * Boxes as one line in a panel, dark on a pale rim, so that they are seen on any
 * image.
 *
 * @param name in the legend, where `legend` says so; hover tells it too
 * @returns two traces: the rim and the line
 */
export function boxLines(
  { xaxis, yaxis }: LevelPanel,
  boxes: readonly ArrayLike<number>[],
  { name, color = palette.black, dash = "solid", legend, text }: {
    name: string;
    color?: string;
    dash?: string;
    legend: boolean;
    /** What is told of them in words. */
    text?: string;
  },
): Record<string, unknown>[] {
  const line = {
    type: "scatter",
    mode: "lines",
    // A gap after each box, and alone where there is none: a trace without any
    // point has no legend.
    x: [
      null,
      ...boxes.flatMap(({ 0: x1, 2: x2 }) => [x1, x2, x2, x1, x1, null]),
    ],
    y: [
      null,
      ...boxes.flatMap(({ 1: y1, 3: y2 }) => [y1, y1, y2, y2, y1, null]),
    ],
    xaxis,
    yaxis,
    showlegend: false,
    hoverinfo: "skip",
  };
  return [
    { ...line, line: { color: "#ffffff", width: 3.5 } },
    {
      ...line,
      line: { color, width: 1.75, dash },
      name,
      legendgroup: name,
      showlegend: legend,
      ...(legend ? { hoverinfo: "name" } : {}),
      ...(text === undefined ? {} : { meta: { text } }),
    },
  ];
}

/**
 * A picture's true boxes in a panel.
 *
 * @returns as of {@linkcode boxLines}
 */
export function trueBoxLines(
  { image, truth }: PyramidPicture,
  panel: LevelPanel,
  look: { dash?: string; legend: boolean },
): Record<string, unknown>[] {
  return boxLines(panel, truth, {
    ...look,
    name: "true boxes",
    text: `${truth.length} in an image of ${image.width} × ${image.height} px`,
  });
}
