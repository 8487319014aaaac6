import type { Anchors } from "../boxes/anchors.ts";
import type { Assignment } from "./assignment.ts";
import { requireFit } from "./fit_guard.ts";
import type { GroundTruth } from "./ground_truth.ts";
import { type VlrOptions, vlrRegion } from "./vlr.ts";

/**
 * The valuable localization region of a detector with an assigner of its own,
 * as released for RetinaNet: the region of `vlrRegion` without the positives.
 *
 * Use it for VLR LD on RetinaNet. The thresholds are those of ATSS, the
 * positives those of the given assignment:
 *
 *     VLR = { a : gamma * t_j <= X(a, j) < t_j for some j } \ positives
 *
 * @param anchors Anchors of all levels.
 * @param gt Boxes in pixels of the network input; none gives an empty region.
 * @param assignment Of `assignMaxIou`.
 * @param options As of `vlrRegion`.
 * @returns `[A]`: weight in [0, 1] of each anchor, 0 outside the region.
 * @throws {TypeError} If boxes and labels, or `valid`, the assignment and the anchors,
 * differ in number.
 * @throws {RangeError} If `gamma` is outside [0, 1] or `topk` not from 1.
 * @see LD, https://arxiv.org/abs/2102.12252, section 3.3; the LD repository's
 * `LDRetinaHead.assign_neg` at 4287990c, which knows no ignored boxes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { assignMaxIou } from "ldlab/regions/max_iou.ts";
 * import { retinaVlrRegion } from "ldlab/regions/retina_vlr.ts";
 *
 * const anchors = makeAnchors({ height: 64, width: 64 });
 * const gt = { boxes: new Float32Array([4, 4, 44, 44]), labels: new Int32Array([0]) };
 * const assignment = assignMaxIou(anchors, gt, { numClasses: 1 });
 * const region = retinaVlrRegion(anchors, gt, assignment);
 * assert.ok(region.some((weight) => weight > 0));
 * assert.ok(region.every((weight, a) => weight === 0 || assignment.gtIndex[a] < 0));
 * ```
 */
export function retinaVlrRegion(
  anchors: Anchors,
  gt: GroundTruth,
  assignment: Assignment,
  options: Omit<VlrOptions, "positives"> = {},
): Float32Array {
  requireFit("select the VLR", anchors, gt, options.valid, assignment);
  return vlrRegion(anchors, gt, options)
    .map((weight, anchor) => assignment.gtIndex[anchor] < 0 ? weight : 0);
}
