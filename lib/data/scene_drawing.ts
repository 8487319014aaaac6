import type { RgbImage } from "./image.ts";
import { createRandom, type Random, uniform } from "../random/random.ts";
import { layoutScene, type SceneEdge, type SceneKey } from "./scene_layout.ts";

/** Red, green, blue of the classes, before each object varies them. */
const COLORS = [[205, 75, 70], [70, 105, 205], [80, 175, 95]];
/** Pixels between the nodes of the background's noise. */
const NOISE_CELL = 12;
/** Samples per pixel and axis, for smooth outlines. */
const SAMPLES = 3;
/** Pixels by which a bar is wider than the edge it hides. */
const BAR_MARGIN = 2;

/** Whether a point, both coordinates in [−1, 1], is inside a class's shape. */
const SHAPES: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => x * x + y * y <= 1,
  (x, y) => Math.abs(x) <= 1 && Math.abs(y) <= 1,
  (x, y) => Math.abs(x) + Math.abs(y) <= 1,
];

/** Float pixels, [height * width * 3], 0 to 255. */
interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/**
 * Draws a synthetic scene: coloured shapes on a textured background, each
 * ambiguous edge blurred, hidden or fading over its interval.
 *
 * @param key Seed, index and size of the scene.
 * @returns The image; equal keys give equal pixels on every machine.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { drawScene } from "ldlab/data/scene_drawing.ts";
 *
 * const key = { seed: 1, index: 0, width: 128, height: 96 };
 * assert.equal(drawScene(key).data.length, 96 * 128 * 3);
 * assert.deepEqual(drawScene(key), drawScene(key));
 * ```
 */
export function drawScene(key: SceneKey): RgbImage {
  const { width, height } = key;
  const random = createRandom(key.seed, key.index, 2);
  const canvas = { width, height, data: new Float32Array(width * height * 3) };
  drawBackground(canvas, random);
  for (const { label, edges } of layoutScene(key)) {
    drawShape(canvas, random, label, edges);
    edges.forEach((edge, side) => {
      if (edge.kind === "occluded") drawBar(canvas, random, edges, side);
    });
  }
  const data = Uint8Array.from(
    canvas.data,
    (value) => Math.min(255, Math.max(0, Math.round(value))),
  );
  return { width, height, data };
}

/** Smooth noise between random nodes, and grain on top. */
function drawBackground({ width, height, data }: Canvas, random: Random) {
  const columns = Math.ceil(width / NOISE_CELL) + 1;
  const rows = Math.ceil(height / NOISE_CELL) + 1;
  const base = [0, 1, 2].map(() => uniform(random, 120, 170));
  const nodes = Float32Array.from(
    { length: rows * columns },
    () => uniform(random, -28, 28),
  );
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / NOISE_CELL);
    const down = y / NOISE_CELL - row;
    for (let x = 0; x < width; x++) {
      const column = Math.floor(x / NOISE_CELL);
      const across = x / NOISE_CELL - column;
      const at = row * columns + column;
      const above = nodes[at] * (1 - across) + nodes[at + 1] * across;
      const below = nodes[at + columns] * (1 - across) +
        nodes[at + columns + 1] * across;
      const shade = above * (1 - down) + below * down + uniform(random, -8, 8);
      for (let channel = 0; channel < 3; channel++) {
        data[(y * width + x) * 3 + channel] = base[channel] + shade;
      }
    }
  }
}

function drawShape(
  canvas: Canvas,
  random: Random,
  label: number,
  edges: readonly SceneEdge[],
) {
  const color = COLORS[label].map((value) => value + uniform(random, -25, 25));
  const [x1, y1, x2, y2] = edges.map(visibleEnd);
  const inside = SHAPES[label];
  for (let y = Math.floor(y1); y < Math.ceil(y2); y++) {
    for (let x = Math.floor(x1); x < Math.ceil(x2); x++) {
      let covered = 0;
      for (let sample = 0; sample < SAMPLES * SAMPLES; sample++) {
        const sampleX = x + (sample % SAMPLES + 0.5) / SAMPLES;
        const sampleY = y + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES;
        const u = (2 * sampleX - x1 - x2) / (x2 - x1);
        const v = (2 * sampleY - y1 - y2) / (y2 - y1);
        if (inside(u, v)) covered++;
      }
      const opacity = covered / SAMPLES ** 2 *
        edges.reduce(
          (product, edge, side) =>
            product * rampAt(edge, side, (side % 2 ? y : x) + 0.5),
          1,
        );
      paint(canvas, x, y, color, opacity, uniform(random, -6, 6));
    }
  }
}

/**
 * How far the shape is drawn: to the far end where it dissolves, under the
 * middle of the bar where it is hidden.
 */
function visibleEnd({ kind, low, high }: SceneEdge, side: number): number {
  if (kind === "occluded") return (low + high) / 2;
  return side < 2 ? low : high;
}

/** Opacity near an edge: 0 at the interval's outer end, 1 at its inner end. */
function rampAt({ kind, low, high }: SceneEdge, side: number, at: number) {
  if (kind === "sharp" || kind === "occluded") return 1;
  const outward = side < 2
    ? (at - low) / (high - low)
    : (high - at) / (high - low);
  const t = Math.min(1, Math.max(0, outward));
  return kind === "blurred" ? t * t * (3 - 2 * t) : t;
}

/** A grey bar over the whole interval of a side, as long as the object. */
function drawBar(
  canvas: Canvas,
  random: Random,
  edges: readonly SceneEdge[],
  side: number,
) {
  const [left, top, right, bottom] = edges.map((edge, other) => {
    const farther = other < 2 ? -BAR_MARGIN : BAR_MARGIN;
    if (other === side) return (other < 2 ? edge.low : edge.high) + farther;
    if (other === (side + 2) % 4) {
      // The bar's inner side: just beyond the interval's inner end.
      return (side < 2 ? edges[side].high : edges[side].low) + farther;
    }
    return (other < 2 ? edge.low : edge.high) + farther;
  });
  const shade = uniform(random, 60, 95);
  const { width, height } = canvas;
  for (
    let y = Math.max(0, Math.floor(top));
    y < Math.min(height, Math.ceil(bottom));
    y++
  ) {
    for (
      let x = Math.max(0, Math.floor(left));
      x < Math.min(width, Math.ceil(right));
      x++
    ) {
      paint(canvas, x, y, [shade, shade, shade], 1, uniform(random, -8, 8));
    }
  }
}

/** Mixes a colour, varied by `grain`, into a pixel. */
function paint(
  { width, data }: Canvas,
  x: number,
  y: number,
  color: readonly number[],
  opacity: number,
  grain: number,
) {
  for (let channel = 0; channel < 3; channel++) {
    const at = (y * width + x) * 3 + channel;
    data[at] += (color[channel] + grain - data[at]) * opacity;
  }
}
