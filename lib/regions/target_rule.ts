import type { AnchorOptions, Anchors } from "../boxes/anchors.ts";
import type { Assignment } from "./assignment.ts";
import { assignAtss } from "./atss.ts";
import { assignFcos } from "./fcos.ts";
import type { GroundTruth } from "./ground_truth.ts";
import { assignMaxIou } from "./max_iou.ts";

/** How a detector finds out which anchors learn which box. Plain data. */
export interface TargetRule {
  /** Its anchors, but for the size of the input. */
  readonly anchors: AnchorOptions;
  /** Who assigns: with the defaults of `assignAtss` and the like. */
  readonly assignment: "atss" | "fcos" | "maxIou";
}

/** GFL's: one anchor a cell, ATSS. */
export const GFL_TARGETS: TargetRule = { anchors: {}, assignment: "atss" };

/**
 * Assigns boxes to anchors by the rule of a detector.
 *
 * Use it where the rule is data, as in a loader; each assigner is a function of
 * its own too.
 *
 * @param assignment The rule's assigner.
 * @param anchors Anchors of the rule, of the input's size.
 * @param gt Boxes in pixels of the network input; there may be none.
 * @param options.numClasses Classes; the label of background.
 * @param options.valid `[A]`: 0 for anchors that take no part, as in padding.
 * @returns What each anchor learns.
 * @throws {RangeError} If the assigner is unknown, or a label out of range.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { assignTargets, GFL_TARGETS } from "ldlab/regions/target_rule.ts";
 *
 * const anchors = makeAnchors({ ...GFL_TARGETS.anchors, height: 64, width: 64 });
 * const gt = { boxes: new Float32Array([4, 4, 44, 44]), labels: new Int32Array([0]) };
 * const { positives } = assignTargets("atss", anchors, gt, { numClasses: 1 });
 * assert.ok(positives > 0);
 * ```
 */
export function assignTargets(
  assignment: TargetRule["assignment"],
  anchors: Anchors,
  gt: GroundTruth,
  options: { numClasses: number; valid?: Uint8Array },
): Assignment {
  switch (assignment) {
    case "atss":
      return assignAtss(anchors, gt, options);
    case "fcos":
      return assignFcos(anchors, gt, options);
    case "maxIou":
      return assignMaxIou(anchors, gt, options);
    default:
      throw new RangeError(
        "Cannot assign boxes: the assignment must be atss, fcos or maxIou: " +
          `current value is "${assignment}"`,
      );
  }
}
