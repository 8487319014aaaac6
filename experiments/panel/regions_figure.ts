import { baseLayout, type Figure } from "../../lib/report/mod.ts";
import {
  type LevelPanel,
  panelTitle,
  trueBoxLines,
} from "../../lib/report/level_panels.ts";
import { levelRows, weightColors } from "../../lib/report/level_rows.ts";
import { weightsOf } from "../building_blocks/region_figures.ts";
import type { PanelImage } from "./images.ts";
import type { PanelSettings } from "./settings.ts";

/** Where the upper and the lower panel lie, as shares of the plot's height. */
const places = [[0.54, 1], [0, 0.46]] as const;

/**
 * The regions that the terms look at, over a test image, on one level: the main
 * region above, the valuable localization region below.
 *
 * @param image Which image.
 * @param settings γ and the level.
 */
export function regionsFigure(
  { picture }: PanelImage,
  { gamma, level }: Pick<PanelSettings, "gamma" | "level">,
): Figure {
  const { pyramid } = picture;
  const { image, levels } = pyramid;
  const regions = [
    { name: "Main region", weights: weightsOf({ kind: "main" }, picture) },
    {
      name: `VLR at γ = ${gamma}`,
      weights: weightsOf({ kind: "vlr", gamma }, picture),
    },
  ];
  const panels = regions.map((_, row): LevelPanel => {
    const number = row === 0 ? "" : `${row + 1}`;
    return { level, row, xaxis: `x${number}`, yaxis: `y${number}` };
  });
  const maps = regions.map(({ weights }) =>
    levelRows(levels, weights)[level - 3]
  );
  return {
    data: [
      ...maps.map(({ x, y, z }, row) => ({
        type: "heatmap",
        ...{ x, y, z },
        ...{ xaxis: panels[row].xaxis, yaxis: panels[row].yaxis },
        coloraxis: "coloraxis",
        opacity: 0.7,
        hoverongaps: false,
        hovertemplate:
          "location (%{x}, %{y}) px: weight %{z:.3f}<extra></extra>",
      })),
      ...panels.flatMap((panel) =>
        trueBoxLines(pyramid, panel, { legend: false })
      ),
    ],
    layout: {
      ...baseLayout({
        title: `Where LD looks on P${level}, by location`,
        width: 400,
        height: 460,
        margin: { l: 16, r: 84, t: 64, b: 14 },
      }),
      ...Object.fromEntries(panels.flatMap(({ xaxis, yaxis }, row) => [
        [xaxis.replace("x", "xaxis"), {
          range: [0, image.width],
          anchor: yaxis,
          constrain: "domain",
          constraintoward: "left",
          visible: false,
          fixedrange: true,
        }],
        [yaxis.replace("y", "yaxis"), {
          range: [image.height, 0],
          domain: places[row],
          anchor: xaxis,
          scaleanchor: xaxis,
          constrain: "domain",
          constraintoward: "top",
          visible: false,
          fixedrange: true,
        }],
      ])),
      images: panels.map(({ xaxis, yaxis }) => ({
        source: image.source,
        ...{ xref: xaxis, yref: yaxis, x: 0, y: 0 },
        ...{ sizex: image.width, sizey: image.height, sizing: "stretch" },
        layer: "below",
        opacity: 0.6, // pale, so that what lies over it is seen
      })),
      annotations: panels.map((panel, row) => {
        const inside = maps[row].z.flat().filter((weight) => weight !== null);
        return panelTitle(
          panel,
          `<b>${regions[row].name}</b>: ${inside.length} of ${maps[row].count}`,
        );
      }),
      coloraxis: { ...weightColors("weight"), cmin: 0, cmax: 1 },
      showlegend: false,
    },
  };
}
