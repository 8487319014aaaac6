import type { Dataset, ImageRecord } from "./dataset.ts";
import { checkImageSize } from "./image.ts";
import {
  layoutScene,
  SCENE_CLASSES,
  type SceneEdge,
  type SceneKey,
} from "./scene_layout.ts";

/** A scene as an image record, with the truth about its edges. */
export interface SceneRecord extends ImageRecord {
  readonly scene: SceneKey;
  /** [G][4], left, top, right, bottom of each box. */
  readonly edges: readonly (readonly SceneEdge[])[];
}

/** A dataset of synthetic scenes. */
export interface SceneDataset extends Dataset {
  readonly images: readonly SceneRecord[];
}

/** The smallest side that leaves room for objects, in pixels. */
const SMALLEST = 32;

/**
 * Makes the synthetic scenes of the `smoke` scale: shapes of three classes on
 * textured background, about a third of their edges ambiguous by blur, occlusion
 * or fading, and for each edge known whether, how and over which interval.
 *
 * Use it for tests that must take seconds, and to see what a predicted edge
 * distribution should look like: over an ambiguous edge it should be as wide as
 * the interval. Nothing is drawn here; a loader draws images from the records'
 * keys. Train, validation and test sets are other seeds.
 *
 * @param options.seed An integer.
 * @param options.count How many scenes.
 * @param options.width Pixels, at least 32; 128 unless given.
 * @param options.height Pixels, at least 32; 96 unless given.
 * @returns The dataset.
 * @throws {RangeError} If the size is too small or `count` is not positive.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeScenes } from "ldlab/data/scenes.ts";
 *
 * const scenes = makeScenes({ seed: 1, count: 20 });
 * const edges = scenes.images.flatMap((image) => image.edges.flat());
 * assert.ok(edges.some(({ kind }) => kind === "faded"));
 * assert.deepEqual(makeScenes({ seed: 1, count: 20 }), scenes);
 * ```
 */
export function makeScenes(
  { seed, count, width = 128, height = 96 }: {
    seed: number;
    count: number;
    width?: number;
    height?: number;
  },
): SceneDataset {
  checkImageSize(width, height);
  if (Math.min(width, height) < SMALLEST) {
    throw new RangeError(
      `Cannot make scenes: width and height must be at least ${SMALLEST} pixels: current size is ${width}x${height}`,
    );
  }
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(
      `Cannot make scenes: count must be a positive integer: current value is ${count}`,
    );
  }
  const images = Array.from({ length: count }, (_, index): SceneRecord => {
    const scene = { seed, index, width, height };
    const objects = layoutScene(scene);
    const name = `scene ${index} of seed ${seed}, ${width}x${height}`;
    return {
      id: `scene_${seed}_${String(index).padStart(5, "0")}`,
      path: name,
      annotation: name,
      width,
      height,
      boxes: Float32Array.from(objects.flatMap(({ box }) => box)),
      labels: Int32Array.from(objects, ({ label }) => label),
      difficult: new Uint8Array(objects.length),
      scene,
      edges: objects.map(({ edges }) => edges),
    };
  });
  return {
    name: `scenes/${seed}`,
    classes: SCENE_CLASSES,
    images,
    warnings: [],
  };
}
