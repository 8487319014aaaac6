import { sideNames, softened } from "./edge_softening.ts";
import {
  binRange,
  cropAround,
  edgeTile,
  type GalleryEdge,
  trueDistance,
} from "./edge_tile.ts";
import {
  axis,
  baseLayout,
  type Figure,
  legendAbove,
  palette,
} from "./figure.ts";

/** Room around the tiles in pixels, and between them. */
const margin = { l: 74, r: 24, t: 104, b: 64 };
const gap = { x: 26, group: 44, name: 34, title: 26, between: 8 };
/** Pixels of a figure in width, and of a distribution in height. */
const figureWidth = 1000;
const panelHeight = 116;

/**
 * Edges of boxes beside the distributions that a detector holds them for.
 *
 * Use it to see that a flat distribution is an edge which is hard to see, and a
 * sharp one an edge which is plain: give groups of edges, the most ambiguous and
 * the sharpest, say. A tile is the image around the box with the edge drawn
 * thick, and under it the edge's distribution at τ = 1; a dotted line is where
 * the edge truly is.
 *
 * @param groups each with its `name` and the same number of edges, from 1 to 6
 * @param options `title` and `subtitle` of the figure
 * @returns a plotly figure, 1000 pixels wide
 * @throws {RangeError} when there is no group, a group has no edge, more than 6,
 * or another number than the first, or a side is not 0 to 3
 *
 * Source: Zheng et al., "Localization Distillation for Dense Object
 * Detection", CVPR 2022, Figure 1.
 *
 * @example
 * ```ts
 * import { edgeGallery } from "ldlab/report/edge_gallery.ts";
 * import assert from "node:assert/strict";
 *
 * const edge = {
 *   image: { source: "data:image/png;base64,", width: 64, height: 64 },
 *   name: "a scene",
 *   object: "square",
 *   box: [16, 16, 48, 48],
 *   truth: [16, 16, 50, 48],
 *   side: 2,
 *   location: [32, 32] as const,
 *   stride: 8,
 *   logits: [0, 1, 5, 1, 0],
 *   entropy: 0.2,
 * };
 * const figure = edgeGallery([{ name: "sharp", edges: [edge] }], { title: "Edges" });
 * assert.equal(figure.data.filter(({ type }) => type === "bar").length, 1);
 * ```
 */
export function edgeGallery(
  groups: readonly {
    readonly name: string;
    readonly edges: readonly GalleryEdge[];
  }[],
  { title, subtitle }: { title: string; subtitle?: string },
): Figure {
  check(groups);
  const columns = groups[0].edges.length;
  const width = figureWidth - margin.l - margin.r;
  const side = Math.min((width - (columns - 1) * gap.x) / columns, 240);
  const groupHeight = gap.name + gap.title + side + gap.between + panelHeight;
  const height = groups.length * groupHeight + (groups.length - 1) * gap.group;
  const highest = 1.08 * Math.max(
    ...groups.flatMap(({ edges }) =>
      edges.map(({ logits }) => Math.max(...softened(logits, 1)))
    ),
  );
  const data: Record<string, unknown>[] = [];
  const axes: Record<string, unknown> = {};
  const images: Record<string, unknown>[] = [];
  const annotations: Record<string, unknown>[] = [];
  const shapes: Record<string, unknown>[] = [];
  groups.forEach(({ name, edges }, group) => {
    edges.forEach((edge, column) => {
      const tile = group * columns + column;
      const [picture, panel] = [2 * tile + 1, 2 * tile + 2]
        .map((number) => number === 1 ? "" : `${number}`);
      const left = column * (side + gap.x);
      const top = group * (groupHeight + gap.group) + gap.name + gap.title;
      const across = [left / width, (left + side) / width];
      const down = (from: number, tall: number) => [
        1 - (from + tall) / height,
        1 - from / height,
      ];
      const [x1, y1, x2, y2] = cropAround(edge);
      axes[`xaxis${picture}`] = {
        domain: across,
        anchor: `y${picture}`,
        range: [x1, x2],
        visible: false,
        fixedrange: true,
      };
      axes[`yaxis${picture}`] = {
        domain: down(top, side),
        anchor: `x${picture}`,
        range: [y2, y1],
        visible: false,
        fixedrange: true,
      };
      const lowest = top + side + gap.between;
      axes[`xaxis${panel}`] = axis(
        group === groups.length - 1 ? "distance in strides" : "",
        {
          domain: across,
          anchor: `y${panel}`,
          range: binRange(edge.logits),
          nticks: 6,
        },
      );
      axes[`yaxis${panel}`] = axis(column === 0 ? "probability" : "", {
        domain: down(lowest, panelHeight),
        anchor: `x${panel}`,
        range: [0, highest],
        nticks: 4,
        ...(column === 0 ? {} : { showticklabels: false }),
      });
      images.push({
        source: edge.image.source,
        xref: `x${picture}`,
        yref: `y${picture}`,
        x: 0,
        y: 0,
        sizex: edge.image.width,
        sizey: edge.image.height,
        sizing: "stretch",
        layer: "below",
      });
      const titleAt = {
        xref: `x${picture} domain`,
        yref: `y${picture} domain`,
        x: 0,
        xanchor: "left",
        y: 1,
        yanchor: "bottom",
        showarrow: false,
      };
      annotations.push({
        ...titleAt,
        text: `${edge.object}, ${sideNames[edge.side]}: ` +
          `<b>${edge.entropy.toFixed(2)} nats</b>`,
        font: { size: 13 },
      });
      if (column === 0) {
        annotations.push({
          ...titleAt,
          yshift: gap.title - 2,
          text: `<b>${name}</b>`,
          font: { size: 15 },
        });
      }
      shapes.push({
        type: "line",
        xref: `x${panel}`,
        yref: `y${panel} domain`,
        x0: trueDistance(edge),
        x1: trueDistance(edge),
        y0: 0,
        y1: 1,
        line: { color: palette.black, width: 2, dash: "dot" },
      });
      data.push(...edgeTile(edge, {
        picture,
        panel,
        legend: tile === 0,
        name: `${name} ${column + 1}`,
      }));
    });
  });
  return {
    data,
    layout: {
      ...baseLayout({
        title,
        subtitle,
        width: figureWidth,
        height: height + margin.t + margin.b,
        margin,
      }),
      ...axes,
      images,
      annotations,
      shapes,
      bargap: 0.12,
      legend: legendAbove,
    },
  };
}

function check(
  groups: readonly { name: string; edges: readonly GalleryEdge[] }[],
): void {
  const task = "Cannot draw edges";
  const count = groups[0]?.edges.length ?? 0;
  if (!(count >= 1 && count <= 6)) {
    throw new RangeError(
      `${task}: there must be a group of 1 to 6 edges: current number is ${count}`,
    );
  }
  for (const { name, edges } of groups) {
    if (edges.length !== count) {
      throw new RangeError(
        `${task}: all groups must have ${count} edges like the first: current number of "${name}" is ${edges.length}`,
      );
    }
    const odd = edges.find(({ side }) => sideNames[side] === undefined);
    if (odd !== undefined) {
      throw new RangeError(
        `${task}: a side must be 0 to 3: current value is ${odd.side}`,
      );
    }
  }
}
