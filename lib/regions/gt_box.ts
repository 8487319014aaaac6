import type { AnchorLevel, Anchors } from "../boxes/anchors.ts";
import { requireFit } from "./fit_guard.ts";
import type { GroundTruth } from "./ground_truth.ts";
import { levelOfBox } from "./level_of_box.ts";

/**
 * What inside a ground-truth box means:
 * - `centre` the centre of the anchor lies strictly inside, on every level,
 * - `ownLevel` the cell lies under the box, on the one level of its size,
 * - `finestLevel` the cell lies under the box, on the first level only.
 */
export type GtBoxRule = "centre" | "ownLevel" | "finestLevel";

/** What `gtBoxRegion` and `backgroundRegion` do unless told. */
export const GT_BOX_DEFAULTS = { rule: "centre" } as const;

/**
 * The locations inside ground-truth boxes.
 *
 * Use it to imitate features where objects are, or, with `backgroundRegion`, to
 * decouple the two. With `ownLevel` (level as `levelOfBox` has it) and
 * `finestLevel`, a box covers columns trunc(x1 / s) to trunc(x2 / s) - 1 of a
 * level of stride s, rows likewise, or the single cell (trunc(x1 / s),
 * trunc(y1 / s)) where that leaves nothing. All anchors of a cell are in the
 * region or none.
 *
 * The released LD code has `centre` under the names "fitnet", although FitNets
 * imitates whole maps (region `all`), and "decouple"; the paper's row "inside GT
 * box" is this. DeFeat's neck has `ownLevel`, its backbone `finestLevel`. DeFeat
 * fails on boxes that start beyond the right or lower border; here they cover
 * nothing, as what lies outside the map does.
 *
 * @param anchors Anchors of all levels.
 * @param gt Boxes in pixels of the network input; none gives an empty region.
 * @param options.rule See `GtBoxRule`; `centre` by default.
 * @param options.valid `[A]`: 0 for anchors that take no part.
 * @returns `[A]`: 1 in the region, 0 elsewhere.
 * @throws {TypeError} If boxes and labels, or `valid` and the anchors, differ in
 * number.
 * @throws {RangeError} If the rule is unknown.
 * @see LD, https://arxiv.org/abs/2102.12252, table 3; the LD repository's
 * `LDHead.get_im_region` at 4287990c; DeFeat, https://arxiv.org/abs/2103.14475,
 * section 3.1, and ggjy/DeFeat.pytorch at c46a793d, `AnchorHead.get_gt_mask` and
 * `get_bb_gt_mask`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { gtBoxRegion } from "ldlab/regions/gt_box.ts";
 *
 * const anchors = makeAnchors({ height: 8, width: 32, strides: [8] });
 * const gt = { boxes: new Float32Array([6, -2, 26, 6]), labels: new Int32Array([0]) };
 * // Centres at 0, 8, 16, 24; cells from 0 to 3.
 * assert.deepEqual([...gtBoxRegion(anchors, gt)], [0, 1, 1, 1]);
 * assert.deepEqual([...gtBoxRegion(anchors, gt, { rule: "ownLevel" })], [1, 0, 0, 0]);
 * ```
 */
export function gtBoxRegion(
  anchors: Anchors,
  gt: GroundTruth,
  { rule = GT_BOX_DEFAULTS.rule, valid }: {
    rule?: GtBoxRule;
    valid?: Uint8Array;
  } = {},
): Float32Array {
  const boxes = gt.labels.length;
  requireFit("select boxes", anchors, gt, valid);
  if (!["centre", "ownLevel", "finestLevel"].includes(rule)) {
    throw new RangeError(
      "Cannot select boxes: rule must be centre, ownLevel or finestLevel: " +
        `current value is "${rule}"`,
    );
  }
  const region = new Float32Array(anchors.count);
  for (let box = 0; box < boxes; box++) {
    const corners = gt.boxes.subarray(box * 4, box * 4 + 4);
    if (rule === "centre") {
      markCentres(region, anchors, corners);
    } else {
      const level = rule === "ownLevel"
        ? levelOfBox(gt.boxes, box, anchors.levels.length)
        : 0;
      markCells(region, anchors.levels[level], corners);
    }
  }
  return valid ? region.map((one, anchor) => valid[anchor] ? one : 0) : region;
}

function markCentres(
  region: Float32Array,
  { centers, count }: Anchors,
  [x1, y1, x2, y2]: Float32Array,
): void {
  for (let anchor = 0; anchor < count; anchor++) {
    const [x, y] = [centers[anchor * 2], centers[anchor * 2 + 1]];
    if (x > x1 && x < x2 && y > y1 && y < y2) region[anchor] = 1;
  }
}

function markCells(
  region: Float32Array,
  { start, count, stride, width, height }: AnchorLevel,
  corners: Float32Array,
): void {
  const [x1, y1, x2, y2] = Array.from(
    corners,
    (side) => Math.trunc(Math.fround(side / stride)),
  );
  const [left, top] = [Math.max(x1, 0), Math.max(y1, 0)];
  let [right, bottom] = [Math.min(x2, width), Math.min(y2, height)];
  if (left === right || top === bottom) {
    right = Math.min(left + 1, width);
    bottom = Math.min(top + 1, height);
  }
  const perCell = count / (width * height);
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const first = start + (row * width + column) * perCell;
      region.fill(1, first, first + perCell);
    }
  }
}
