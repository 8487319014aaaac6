import type { Anchors } from "../boxes/anchors.ts";
import type { Assignment } from "./assignment.ts";
import { requireFit } from "./fit_guard.ts";
import { gtBoxRegion } from "./gt_box.ts";
import type { GroundTruth } from "./ground_truth.ts";

/**
 * The valuable localization region of FCOS: points inside an object that do not
 * learn a box.
 *
 * Use it for VLR LD on FCOS, which has no anchors to compare:
 *
 *     VLR = { a : a strictly inside some box, on any level } \ positives
 *
 * The paper says that anchor-free detectors preset anchors and follow algorithm 1
 * (`vlrRegion`); the released code does this instead, and weighs each point by
 * the student's largest class score, which is a matter of the term. It marks the
 * points by the label `numClasses + 1`, which stands for background elsewhere.
 *
 * @param anchors Anchors of all levels; their centres are the points.
 * @param gt Boxes in pixels of the network input; none gives an empty region.
 * @param assignment Of `assignFcos`.
 * @param options.valid `[A]`: 0 for points that take no part.
 * @returns `[A]`: 1 in the region, 0 elsewhere.
 * @throws {TypeError} If boxes and labels, or `valid`, the assignment and the anchors,
 * differ in number.
 * @see LD, https://arxiv.org/abs/2102.12252, section 3.3; the LD repository's
 * `LDFCOSHead._get_target_single` at 4287990c.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { assignFcos } from "ldlab/regions/fcos.ts";
 * import { fcosVlrRegion } from "ldlab/regions/fcos_vlr.ts";
 *
 * const points = makeAnchors({ height: 64, width: 64, strides: [8], centerOffset: 0.5 });
 * const gt = { boxes: new Float32Array([0, 0, 48, 48]), labels: new Int32Array([0]) };
 * const regressRanges = [[-1, 64]] as const;
 * const assignment = assignFcos(points, gt, { numClasses: 1, regressRanges });
 * const region = fcosVlrRegion(points, gt, assignment);
 * assert.equal(region.reduce((a, b) => a + b), 6 * 6 - assignment.positives);
 * ```
 */
export function fcosVlrRegion(
  anchors: Anchors,
  gt: GroundTruth,
  assignment: Assignment,
  { valid }: { valid?: Uint8Array } = {},
): Float32Array {
  requireFit("select the VLR", anchors, gt, valid, assignment);
  return gtBoxRegion(anchors, gt, { valid })
    .map((inside, anchor) => assignment.gtIndex[anchor] < 0 ? inside : 0);
}
