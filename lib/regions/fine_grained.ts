import type { AnchorLevel, Anchors } from "../boxes/anchors.ts";
import { overlap } from "../boxes/overlaps.ts";
import { requireFit } from "./fit_guard.ts";
import type { GroundTruth } from "./ground_truth.ts";
import { levelOfBox } from "./level_of_box.ts";

/** How `fineGrainedRegion` selects anchors. */
export interface FineGrainedOptions {
  /** Part of a box's highest IoU that is near enough, in [0, 1]; 0.5 by default. */
  share?: number;
  /** Where a box looks for anchors: `all` levels (default), or its `own` by size. */
  levels?: "all" | "own";
  /** `[A]`: 0 for anchors that take no part, for example in padding. */
  valid?: Uint8Array;
}

/** What `fineGrainedRegion` does unless told. */
export const FINE_GRAINED_DEFAULTS = { share: 0.5, levels: "all" } as const;

/**
 * The anchors near objects, of fine-grained feature imitation.
 *
 * Use it to imitate features where a detector looks at an object, its nearer
 * surroundings included:
 *
 *     region = { a : IoU(a, j) > share * max_b IoU(b, j) for some box j }
 *
 * where a and b are anchors of `all` levels, as in the released LD code, or of
 * the box's `own` level (`levelOfBox`), as in DeFeat's port of the original,
 * which works on one level. With several anchors a cell, a location is in the
 * region of imitation if any of its anchors is.
 *
 * @param anchors Anchors of all levels.
 * @param gt Boxes in pixels of the network input; none gives an empty region, as
 * does a box that no anchor overlaps.
 * @param options See `FineGrainedOptions`.
 * @returns `[A]`: 1 in the region, 0 elsewhere.
 * @throws {TypeError} If boxes and labels, or `valid` and the anchors, differ in number.
 * @throws {RangeError} If `share` is not in [0, 1] or `levels` unknown.
 * @see Wang et al., Distilling Object Detectors with Fine-grained Feature
 * Imitation, https://arxiv.org/abs/1906.03609, section 3.2; the LD repository's
 * `LDHead.get_im_region` at 4287990c; ggjy/DeFeat.pytorch at c46a793d,
 * `AnchorHead.get_roi_mask`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { fineGrainedRegion } from "ldlab/regions/fine_grained.ts";
 *
 * // Anchors 16 px wide around 0, 8, 16 and 24; IoUs 1/3, 1, 1/3 and 0.
 * const anchors = makeAnchors({ height: 8, width: 32, strides: [8], scale: 2 });
 * const gt = { boxes: new Float32Array([0, -8, 16, 8]), labels: new Int32Array([0]) };
 * assert.deepEqual([...fineGrainedRegion(anchors, gt)], [0, 1, 0, 0]);
 * assert.deepEqual([...fineGrainedRegion(anchors, gt, { share: 0.3 })], [1, 1, 1, 0]);
 * ```
 */
export function fineGrainedRegion(
  anchors: Anchors,
  gt: GroundTruth,
  {
    share = FINE_GRAINED_DEFAULTS.share,
    levels = FINE_GRAINED_DEFAULTS.levels,
    valid,
  }: FineGrainedOptions = {},
): Float32Array {
  const boxes = gt.labels.length;
  requireFit("select near anchors", anchors, gt, valid);
  if (!(share >= 0 && share <= 1)) {
    throw new RangeError(
      `Cannot select near anchors: share must be in [0, 1]: current value is ${share}`,
    );
  }
  if (levels !== "all" && levels !== "own") {
    throw new RangeError(
      `Cannot select near anchors: levels must be all or own: current value is "${levels}"`,
    );
  }
  const region = new Float32Array(anchors.count);
  for (let box = 0; box < boxes; box++) {
    const { start, count }: Pick<AnchorLevel, "start" | "count"> =
      levels === "own"
        ? anchors.levels[levelOfBox(gt.boxes, box, anchors.levels.length)]
        : { start: 0, count: anchors.count };
    const overlaps = Float32Array.from(
      { length: count },
      (_, i) =>
        valid?.[start + i] === 0
          ? -1
          : overlap(anchors.boxes, (start + i) * 4, gt.boxes, box * 4, "iou"),
    );
    const best = overlaps.reduce((a, b) => Math.max(a, b), 0);
    const least = Math.fround(Math.fround(share) * best);
    for (let i = 0; i < count; i++) {
      if (overlaps[i] > least) region[start + i] = 1;
    }
  }
  return region;
}
