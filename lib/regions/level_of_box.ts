const round = Math.fround;

/**
 * The one level of the pyramid a box belongs to by its size.
 *
 * Use it for regions that see each object once, DeFeat's and the original
 * fine-grained imitation's. With w and h the box's sides in pixels,
 *
 *     level = floor(log2(sqrt((w + 1)(h + 1)) / 56 + 1e-6)), from 0 to levels - 1
 *
 * whatever the strides of the levels: boxes below 112 px are the first level's.
 *
 * @param boxes `[G, 4]`: x1, y1, x2, y2 in pixels of the network input.
 * @param box Index of the box.
 * @param levels How many levels there are.
 * @returns Index of the level.
 * @see ggjy/DeFeat.pytorch at c46a793d, `AnchorHead._map_roi_levels`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { levelOfBox } from "ldlab/regions/level_of_box.ts";
 *
 * const boxes = new Float32Array([0, 0, 60, 60, 0, 0, 223, 223]);
 * assert.equal(levelOfBox(boxes, 0, 5), 0);
 * assert.equal(levelOfBox(boxes, 1, 5), 2);
 * ```
 */
export function levelOfBox(
  boxes: Float32Array,
  box: number,
  levels: number,
): number {
  const [x1, y1, x2, y2] = boxes.subarray(box * 4, box * 4 + 4);
  const area = round(round(round(x2 - x1) + 1) * round(round(y2 - y1) + 1));
  const scale = round(round(round(Math.sqrt(area)) / 56) + round(1e-6));
  return Math.min(Math.max(Math.floor(round(Math.log2(scale))), 0), levels - 1);
}
