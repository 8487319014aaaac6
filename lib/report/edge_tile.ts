import { edgeInWords, sideNames, softened } from "./edge_softening.ts";
import { palette } from "./figure.ts";

/** Bins are drawn up to the largest distance that reaches this probability. */
const visible = 0.01;

/** One edge of one box and what a detector says about where it is. */
export interface GalleryEdge {
  /** The picture; width and height are those of the box coordinates, in pixels. */
  readonly image: {
    readonly source: string;
    readonly width: number;
    readonly height: number;
  };
  /** What the picture is, e.g. the file's name. */
  readonly name: string;
  /** What the object is, e.g. its class. */
  readonly object: string;
  /** The box that the detector predicts, [x1, y1, x2, y2] in pixels. */
  readonly box: ArrayLike<number>;
  /** The true box, [x1, y1, x2, y2] in pixels. */
  readonly truth: ArrayLike<number>;
  /** Which edge: 0 left, 1 top, 2 right, 3 bottom. */
  readonly side: number;
  /** Where the distance of the edge starts, x and y in pixels. */
  readonly location: readonly [number, number];
  /** Pixels per bin. */
  readonly stride: number;
  /** [n]: logits of the edge. */
  readonly logits: ArrayLike<number>;
  /** Entropy of the edge's distribution in nats. */
  readonly entropy: number;
}

/** The boxes over the image, the edge thick, and the distribution under it. */
export function edgeTile(
  edge: GalleryEdge,
  { picture, panel, legend, name }: {
    picture: string;
    panel: string;
    legend: boolean;
    name: string;
  },
): Record<string, unknown>[] {
  const { box, truth, side, logits, entropy, stride, object } = edge;
  const line = {
    type: "scatter",
    mode: "lines",
    xaxis: `x${picture}`,
    yaxis: `y${picture}`,
    showlegend: legend,
    hoverinfo: "skip",
  };
  const [x1, y1, x2, y2] = Array.from(box);
  const p = softened(logits, 1);
  return [
    {
      ...line,
      ...outline(truth),
      line: { color: palette.black, width: 2, dash: "dot" },
      name: "true box",
    },
    {
      ...line,
      ...outline(box),
      line: { color: palette.sky, width: 2 },
      name: "predicted box",
    },
    {
      ...line,
      x: [side === 2 ? x2 : x1, side === 0 ? x1 : x2],
      y: [side === 3 ? y2 : y1, side === 1 ? y1 : y2],
      line: { color: palette.vermillion, width: 5 },
      name: "the edge",
    },
    {
      type: "bar",
      x: p.map((_p, bin) => bin),
      y: p,
      xaxis: `x${panel}`,
      yaxis: `y${panel}`,
      marker: { color: palette.vermillion },
      showlegend: false,
      name: `${name}, ${object}, ${sideNames[side]} edge`,
      meta: {
        text:
          `entropy ${entropy.toFixed(2)} nats, ${
            edgeInWords(logits, 1)
          }, true ${trueDistance(edge).toFixed(2)}, ${stride} px a stride, ` +
          `in ${edge.name}`,
      },
      hovertemplate: `%{x} strides of ${stride} px: p = %{y:.3f}`,
    },
  ];
}

const outline = ({ 0: x1, 1: y1, 2: x2, 3: y2 }: ArrayLike<number>) => ({
  x: [x1, x2, x2, x1, x1],
  y: [y1, y1, y2, y2, y1],
});

/** Strides from the location to where the edge truly is. */
export function trueDistance(
  { truth, side, location, stride }: GalleryEdge,
): number {
  const pixels = truth[side] - location[side % 2];
  return (side < 2 ? -pixels : pixels) / stride;
}

/**
 * The square around both boxes with some room, inside the image where it fits:
 * [x1, y1, x2, y2] in pixels.
 */
export function cropAround({ box, truth, image }: GalleryEdge): number[] {
  const low = [0, 1].map((at) => Math.min(box[at], truth[at]));
  const high = [2, 3].map((at) => Math.max(box[at], truth[at]));
  const side = 1.4 * Math.max(high[0] - low[0], high[1] - low[1]);
  const starts = [image.width, image.height].map((size, at) => {
    const start = (low[at] + high[at] - side) / 2;
    return side < size ? Math.min(Math.max(start, 0), size - side) : start;
  });
  return [...starts, ...starts.map((start) => start + side)];
}

/** The bins from 0 to the last that can be seen, at least eight. */
export function binRange(logits: ArrayLike<number>): number[] {
  const last = softened(logits, 1).findLastIndex((p) => p >= visible);
  return [-0.6, Math.min(Math.max(last + 1, 8), logits.length - 1) + 0.6];
}
