import {
  createRandom,
  integerBelow,
  type Random,
  uniform,
} from "../random/random.ts";

/** All that a scene is made from; equal keys give equal scenes. */
export interface SceneKey {
  readonly seed: number;
  readonly index: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/** What the shapes are called; a class's index is its label. */
export const SCENE_CLASSES = ["disc", "block", "diamond"] as const;

/**
 * Why an edge is hard to place: it is not (`sharp`), it is out of focus, hidden
 * behind a bar, or the object dissolves into the background towards it.
 */
export type EdgeKind = "sharp" | "blurred" | "occluded" | "faded";

/** One side of an object, and what the pixels tell about where it is. */
export interface SceneEdge {
  readonly kind: EdgeKind;
  /**
   * Given the pixels, the annotated edge is uniform in [low, high], pixels;
   * a sharp edge has low = high.
   */
  readonly low: number;
  readonly high: number;
}

/** One object of a scene. */
export interface SceneObject {
  /** Index into {@linkcode SCENE_CLASSES}. */
  readonly label: number;
  /** Left, top, right, bottom. */
  readonly edges: readonly SceneEdge[];
  /** The annotation: x1, y1, x2, y2 in pixels, each drawn from its edge. */
  readonly box: readonly number[];
}

const AMBIGUOUS: readonly EdgeKind[] = ["blurred", "occluded", "faded"];
/** Part of all sides that is ambiguous. */
const AMBIGUITY = 0.35;
/** Pixels around an object that no other object may enter. */
const GAP = 3;
/** Times a place is looked for before a scene stays with fewer objects. */
const TRIES = 30;

/**
 * Lays out a synthetic scene: one to four objects that do not touch, some of
 * whose edges are ambiguous.
 *
 * An ambiguous edge is an interval of pixels. The drawing depends on the
 * interval only, and the annotated edge is drawn from it uniformly by another
 * generator. So nothing in the pixels tells more than the interval: the
 * ambiguity is real, and its distribution is known.
 *
 * @param key Seed, index and size of the scene.
 * @returns The objects, in the order they are drawn.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { layoutScene } from "ldlab/data/scene_layout.ts";
 *
 * for (const object of layoutScene({ seed: 1, index: 0, width: 128, height: 96 })) {
 *   object.edges.forEach(({ low, high }, side) => {
 *     assert.ok(low <= object.box[side] && object.box[side] <= high);
 *   });
 * }
 * ```
 */
export function layoutScene(key: SceneKey): SceneObject[] {
  const layout = createRandom(key.seed, key.index, 0);
  const annotation = createRandom(key.seed, key.index, 1);
  const wanted = 1 + integerBelow(layout, 4);
  const objects: SceneObject[] = [];
  for (let tries = 0; tries < TRIES && objects.length < wanted; tries++) {
    const label = integerBelow(layout, SCENE_CLASSES.length);
    const edges = drawEdges(layout, key);
    if (objects.some((other) => touch(edges, other.edges))) continue;
    const box = edges.map(({ low, high }) => uniform(annotation, low, high));
    objects.push({ label, edges, box });
  }
  return objects;
}

/** The four edges of an object somewhere in the scene. */
function drawEdges(random: Random, { width, height }: SceneKey): SceneEdge[] {
  const unit = Math.min(width, height);
  const [x1, x2] = drawSpan(random, width, unit);
  const [y1, y2] = drawSpan(random, height, unit);
  return [
    drawEdge(random, x1, x2 - x1, 1),
    drawEdge(random, y1, y2 - y1, 1),
    drawEdge(random, x2, x2 - x1, -1),
    drawEdge(random, y2, y2 - y1, -1),
  ];
}

/** Whole pixels, with room for an ambiguous edge on both sides. */
function drawSpan(
  random: Random,
  size: number,
  unit: number,
): [number, number] {
  const length = Math.round(uniform(random, 0.17, 0.45) * unit);
  const margin = Math.ceil(0.2 * length);
  const room = size - length - 2 * margin;
  const start = margin + integerBelow(random, room + 1);
  return [start, start + length];
}

/**
 * @param at Where the edge is, or about which it is ambiguous, pixels.
 * @param length Of the object across the edge, pixels.
 * @param inward 1 for left and top, −1 for right and bottom.
 */
function drawEdge(
  random: Random,
  at: number,
  length: number,
  inward: 1 | -1,
): SceneEdge {
  if (random() >= AMBIGUITY) return { kind: "sharp", low: at, high: at };
  const kind = AMBIGUOUS[integerBelow(random, AMBIGUOUS.length)];
  const [out, into] = kind === "faded"
    ? [0.1, uniform(random, 0.2, 0.3)]
    : Array(2).fill(uniform(random, 0.08, 0.16));
  const ends = [at - inward * out * length, at + inward * into * length];
  return { kind, low: Math.min(...ends), high: Math.max(...ends) };
}

/** Whether two objects, drawn as far as they may reach, come too close. */
function touch(a: readonly SceneEdge[], b: readonly SceneEdge[]): boolean {
  return a[0].low < b[2].high + 2 * GAP && b[0].low < a[2].high + 2 * GAP &&
    a[1].low < b[3].high + 2 * GAP && b[1].low < a[3].high + 2 * GAP;
}
