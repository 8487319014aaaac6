import type { Anchors } from "../boxes/anchors.ts";
import { overlap } from "../boxes/overlaps.ts";
import type { GroundTruth } from "./ground_truth.ts";

/**
 * Marks the anchors that lie on an ignored box, such as a crowd.
 *
 * Use it in an assigner: what lies there is neither an object to learn nor
 * background. Anchor a is ignored if its largest IoF(a, j) with an ignored box j
 * exceeds the threshold, IoF being the intersection over the anchor's area.
 *
 * @param anchors Anchors of all levels.
 * @param gt Ground truth; without a box to learn, or without one to ignore,
 * nothing is ignored, as in the reference code.
 * @param threshold Up to 1; 0 or less ignores nothing.
 * @returns `[A]`: 1 for ignored anchors, or undefined where none can be.
 * @throws {TypeError} If the ignored boxes are not `[I, 4]`.
 * @see MMDetection 3.3.0 `ATSSAssigner` and `MaxIoUAssigner`, `ignore_iof_thr`,
 * which is -1 unless configured.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { ignoredAnchors } from "ldlab/regions/ignored_anchors.ts";
 *
 * const anchors = makeAnchors({ height: 8, width: 24, strides: [8], scale: 1 });
 * const gt = {
 *   boxes: new Float32Array([12, 0, 20, 8]),
 *   labels: new Int32Array([0]),
 *   ignored: new Float32Array([-4, -4, 10, 4]), // all of the first, 3/4 of the second
 * };
 * assert.deepEqual([...ignoredAnchors(anchors, gt, 0.5)!], [1, 1, 0]);
 * assert.equal(ignoredAnchors(anchors, gt, -1), undefined);
 * ```
 */
export function ignoredAnchors(
  anchors: Anchors,
  { labels, ignored }: GroundTruth,
  threshold: number,
): Uint8Array | undefined {
  if (!(threshold > 0) || !ignored?.length || labels.length === 0) return;
  if (ignored.length % 4 !== 0) {
    throw new TypeError(
      "Cannot ignore anchors: ignored boxes must be [I, 4]: current length is " +
        ignored.length,
    );
  }
  const limit = Math.fround(threshold);
  const marked = new Uint8Array(anchors.count);
  for (let anchor = 0; anchor < anchors.count; anchor++) {
    for (let box = 0; box < ignored.length; box += 4) {
      if (overlap(anchors.boxes, anchor * 4, ignored, box, "iof") > limit) {
        marked[anchor] = 1;
      }
    }
  }
  return marked;
}
