/** Which way an image is mirrored: not, left-right, up-down, or both. */
export type Flip = "none" | "h" | "v" | "hv";

/** The four flips, in the order in which a random index picks them. */
export const FLIPS: readonly Flip[] = ["none", "h", "v", "hv"];

/**
 * Mirrors boxes with their image: x1' = W − x2, x2' = W − x1, and so for y.
 *
 * @param boxes [G * 4], x1, y1, x2, y2 in pixels.
 * @param flip The flip.
 * @param width The image's width in pixels, W.
 * @param height The image's height in pixels, H.
 * @returns [G * 4], new boxes.
 * @see MMDetection's `flip_boxes` (mmdet/structures/bbox/horizontal_boxes.py).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { flipBoxes } from "ldlab/data/flip.ts";
 *
 * const boxes = new Float32Array([10, 20, 40, 90]);
 * assert.deepEqual([...flipBoxes(boxes, "h", 100, 100)], [60, 20, 90, 90]);
 * assert.deepEqual([...flipBoxes(boxes, "hv", 100, 100)], [60, 10, 90, 80]);
 * ```
 */
export function flipBoxes(
  boxes: Float32Array,
  flip: Flip,
  width: number,
  height: number,
): Float32Array {
  const flipped = boxes.slice();
  for (let at = 0; at < boxes.length; at += 4) {
    if (flip === "h" || flip === "hv") {
      flipped[at] = width - boxes[at + 2];
      flipped[at + 2] = width - boxes[at];
    }
    if (flip === "v" || flip === "hv") {
      flipped[at + 1] = height - boxes[at + 3];
      flipped[at + 3] = height - boxes[at + 1];
    }
  }
  return flipped;
}
