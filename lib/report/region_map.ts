import { baseLayout, type Figure, legendAbove } from "./figure.ts";
import {
  levelPanels,
  panelTitle,
  type PyramidPicture,
  rowName,
  trueBoxLines,
} from "./level_panels.ts";
import {
  checkLevels,
  type LevelRows,
  levelRows,
  weightColors,
} from "./level_rows.ts";
import { slider } from "./slider.ts";

/** Room around the panels in pixels. */
const margin = { l: 20, r: 100, t: 112, b: 20 };
/** Pixels at the bottom that only the slider uses. */
const sliderHeight = 96;

/** A region over a picture: one or more states of its weights. */
export interface MappedRegion {
  /** Named where there is more than one region; may be `""` for a single one. */
  readonly name: string;
  /** For each state [A]: the weight of each location, 0 outside. */
  readonly weights: readonly ArrayLike<number>[];
}

/**
 * Where a region lies over an image, level by level.
 *
 * Use it to look at any region: which locations a loss sees and how much each
 * counts. One panel a pyramid level; a cell is a location, coloured by its
 * weight and left out where that is 0; the true boxes are outlined; titles count
 * the locations. Several regions are rows of panels, several states (values of
 * γ, say) are a slider that needs no kernel.
 *
 * @param picture the image, its true boxes and its levels
 * @param options
 * - `title` of the figure
 * - `regions`: one or more, each with the weights of every state
 * - `states`: what the slider's states are, as `labels`, each with `prefix`
 * before it, and which one is `open` at first; needed where regions have more
 * than one state
 * @returns a plotly figure, 1000 pixels wide
 * @throws {TypeError} when a region has not one weight for each location of all
 * levels, or not one state for each label
 * @throws {RangeError} when there is no region, a weight is negative or not
 * finite, or `open` is no state
 *
 * @example
 * ```ts
 * import { regionMap } from "ldlab/report/region_map.ts";
 * import assert from "node:assert/strict";
 *
 * const figure = regionMap({
 *   image: { source: "data:image/png;base64,", width: 16, height: 16 },
 *   name: "a square",
 *   truth: [[4, 4, 12, 12]],
 *   levels: [{ name: "P3", stride: 8, height: 2, width: 2 }],
 * }, {
 *   title: "VLR",
 *   regions: [{ name: "", weights: [[0, 0, 0, 1], [0, 0.2, 0.2, 1]] }],
 *   states: { prefix: "γ = ", labels: ["0.5", "0"], open: 0 },
 * });
 * assert.equal(figure.layout.annotations[0].text, "P3: 1 of 4");
 * assert.equal(figure.layout.sliders[0].steps.length, 2);
 * ```
 */
export function regionMap(
  picture: PyramidPicture,
  { title, regions, states = { prefix: "", labels: [""], open: 0 } }: {
    title: string;
    regions: readonly MappedRegion[];
    states?: {
      readonly prefix: string;
      readonly labels: readonly string[];
      readonly open: number;
    };
  },
): Figure {
  check(picture, regions, states);
  const { levels } = picture;
  const named = regions.length > 1;
  const frame = levelPanels(picture, {
    width: 1000 - margin.l - margin.r,
    rows: regions.length,
    named,
  });
  /** For each state and region the levels. */
  const rows = states.labels.map((_label, state) =>
    regions.map(({ weights }) => levelRows(levels, weights[state]))
  );
  const cells = frame.panels.map(({ row, level, xaxis, yaxis }) => {
    const { name } = levels[level];
    const { x, y, z, count } = rows[states.open][row][level];
    return {
      type: "heatmap",
      x,
      y,
      z,
      xaxis,
      yaxis,
      coloraxis: "coloraxis",
      opacity: 0.7,
      hoverongaps: false,
      name: [regions[row].name, name].filter(Boolean).join(", "),
      meta: { text: inWords(z, count) },
      hovertemplate: `${name}, location (%{x}, %{y}) px: weight %{z:.3f}`,
    };
  });
  const titles = (state: number) =>
    frame.panels.map(({ row, level }) => {
      const { z, count } = rows[state][row][level];
      return `${levels[level].name}: ${inside(z).length} of ${count}`;
    });
  const largest = rows.flat(2).reduce(
    (most, { z }) => Math.max(most, ...inside(z)),
    0,
  );
  const slides = states.labels.length > 1;
  const bottom = margin.b + (slides ? sliderHeight : 0);
  return {
    data: [
      ...cells,
      ...frame.panels.flatMap((panel, index) =>
        trueBoxLines(picture, panel, { legend: index === 0 })
      ),
    ],
    layout: {
      ...baseLayout({
        title,
        subtitle:
          `${picture.name}; a cell is a location, above each panel how many of its level belong to the region`,
        width: 1000,
        height: frame.height + margin.t + bottom,
        margin: { ...margin, b: bottom },
      }),
      ...(slides ? { meta: { controls: sliderHeight } } : {}),
      ...frame.layout,
      annotations: [
        ...titles(states.open).map((text, index) =>
          panelTitle(frame.panels[index], text)
        ),
        ...(named
          ? regions.map(({ name }, row) =>
            rowName(frame.panels[row * levels.length], name)
          )
          : []),
      ],
      coloraxis: { ...weightColors("weight"), cmin: 0, cmax: largest || 1 },
      legend: legendAbove,
      ...(slides
        ? {
          sliders: [
            slider(states.prefix, {
              open: states.open,
              top: 34,
              steps: states.labels.map((label, state) => ({
                label,
                method: "update",
                args: [
                  {
                    z: frame.panels.map(({ row, level }) =>
                      rows[state][row][level].z
                    ),
                  },
                  Object.fromEntries(
                    titles(state).map((text, index) => [
                      `annotations[${index}].text`,
                      text,
                    ]),
                  ),
                  cells.map((_trace, index) => index),
                ],
              })),
            }),
          ],
        }
        : {}),
    },
  };
}

/** The weights of the cells that belong to a region. */
const inside = (z: LevelRows["z"]) =>
  z.flat().filter((weight) => weight !== null);

function inWords(z: LevelRows["z"], count: number): string {
  const weights = inside(z);
  const told = `${weights.length} of ${count} locations`;
  if (weights.length === 0) return told;
  const [least, most] = [Math.min(...weights), Math.max(...weights)]
    .map((weight) => weight.toFixed(2));
  return `${told}, ${
    least === most ? `weight ${least}` : `weights ${least} to ${most}`
  }`;
}

function check(
  { levels }: PyramidPicture,
  regions: readonly MappedRegion[],
  { labels, open }: { labels: readonly string[]; open: number },
): void {
  const task = "Cannot draw a region map";
  if (regions.length === 0 || levels.length === 0) {
    throw new RangeError(
      `${task}: there must be a region and a level: current numbers are ${regions.length} and ${levels.length}`,
    );
  }
  if (!(open in labels)) {
    throw new RangeError(
      `${task}: the state that is open must be 0 to ${
        labels.length - 1
      }: current value is ${open}`,
    );
  }
  for (const { name, weights } of regions) {
    if (weights.length !== labels.length) {
      throw new TypeError(
        `${task}: "${name}" must have weights for each of the ${labels.length} states: ` +
          `current number is ${weights.length}`,
      );
    }
    checkLevels(task, `weights of "${name}"`, levels, weights);
  }
}
