import type { Anchors } from "../boxes/anchors.ts";
import { overlap } from "../boxes/overlaps.ts";
import { atssPositives } from "./atss.ts";
import { atssCandidates } from "./atss_candidates.ts";
import type { GroundTruth } from "./ground_truth.ts";

/** How `vlrRegion` selects and weighs anchors. */
export interface VlrOptions {
  /** Lower end of the region as a part of the threshold, in [0, 1]; 0.25 by default. */
  gamma?: number;
  /** Candidates a level for the threshold, at least 1; 9 by default. */
  topk?: number;
  /** What is compared: `diof` as released (default), `diou` as written. */
  measure?: "diof" | "diou";
  /** Weight in the region: the IoU as released (default), or 1 as written. */
  weight?: "iou" | "mask";
  /** Whether the threshold itself is outside: `open` as released (default), `closed` as written. */
  upper?: "open" | "closed";
  /** Whether positives of ATSS may be in the region; `kept` by default. */
  positives?: "kept" | "removed";
  /**
   * Anchors that share more of their area with an ignored box are no candidates
   * for the threshold; they may be in the region. -1 (default): none.
   */
  ignoreIof?: number;
  /** `[A]`: 0 for anchors that take no part, for example in padding. */
  valid?: Uint8Array;
}

/** What `vlrRegion` does unless told: as the released code. */
export const VLR_DEFAULTS = {
  gamma: 0.25,
  topk: 9,
  measure: "diof",
  weight: "iou",
  upper: "open",
  positives: "kept",
  ignoreIof: -1,
} as const;

/**
 * The valuable localization region (VLR): the surroundings of an object that
 * still know something about where it is.
 *
 * Use it for VLR LD (and VLR KD). With X the measure, t_j the threshold ATSS
 * finds for box j (`atssCandidates`) and all anchors of all levels,
 *
 *     VLR_j = { a : gamma * t_j <= X(a, j) < t_j }
 *
 * There is no limit to the nearest anchors and the centre may lie outside the
 * box. An anchor in the region of several boxes counts for the one of highest
 * IoU. gamma = 1 gives an empty region, gamma = 0 takes all with X >= 0.
 *
 * Paper and released code differ; the defaults are the code's:
 *
 * | option | paper | released code |
 * | --- | --- | --- |
 * | `measure` | `diou` | `diof`: the intersection is divided by the anchor's area only. For large objects that is a ring of small anchors on the border. |
 * | `weight` | `mask`: 0 or 1 | `iou`: IoU with the box |
 * | `upper` | `closed`: t_j belongs to the region | `open`: it does not, so that gamma = 1 leaves nothing |
 * | `positives` | outside the main region | `kept`: an anchor can be in both and is then distilled twice. Only the released RetinaNet head has them `removed`. |
 *
 * @param anchors Anchors of all levels.
 * @param gt Boxes in pixels of the network input; none gives an empty region
 * (where the released code fails). Labels do not matter.
 * @param options See `VlrOptions`.
 * @returns `[A]`: weight in [0, 1] of each anchor, 0 outside the region.
 * @throws {TypeError} If boxes and labels, or `valid` and the anchors, differ in number.
 * @throws {RangeError} If `gamma` is outside [0, 1], `topk` not from 1 or another
 * option none of its choices.
 * @see LD, https://arxiv.org/abs/2102.12252, section 3.3 and algorithm 1; the
 * LD repository's `ATSSAssigner.get_vlr_region` at 4287990c, where gamma is a
 * literal 0.25.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { vlrRegion } from "ldlab/regions/vlr.ts";
 *
 * const anchors = makeAnchors({ height: 64, width: 64 });
 * const gt = { boxes: new Float32Array([4, 4, 44, 44]), labels: new Int32Array([0]) };
 * const size = (region: Float32Array) => region.filter((weight) => weight > 0).length;
 * assert.ok(size(vlrRegion(anchors, gt)) > 0);
 * assert.ok(size(vlrRegion(anchors, gt, { gamma: 0.75 })) < size(vlrRegion(anchors, gt)));
 * assert.equal(size(vlrRegion(anchors, gt, { gamma: 1 })), 0);
 * ```
 */
export function vlrRegion(
  anchors: Anchors,
  gt: GroundTruth,
  {
    gamma = VLR_DEFAULTS.gamma,
    topk = VLR_DEFAULTS.topk,
    measure = VLR_DEFAULTS.measure,
    weight = VLR_DEFAULTS.weight,
    upper = VLR_DEFAULTS.upper,
    positives = VLR_DEFAULTS.positives,
    ignoreIof = VLR_DEFAULTS.ignoreIof,
    valid,
  }: VlrOptions = {},
): Float32Array {
  if (!(gamma >= 0 && gamma <= 1)) {
    throw new RangeError(
      `Cannot select the VLR: gamma must be in [0, 1]: current value is ${gamma}`,
    );
  }
  requireChoices({ measure, weight, upper, positives });
  const candidates = atssCandidates(anchors, gt, { topk, valid, ignoreIof });
  const main = positives === "removed"
    ? atssPositives(anchors, gt, candidates)
    : undefined;
  const region = new Float32Array(anchors.count);
  for (const [box, threshold] of candidates.thresholds.entries()) {
    const lowest = Math.fround(Math.fround(gamma) * threshold);
    const [x1, y1, x2, y2] = gt.boxes.subarray(box * 4, box * 4 + 4);
    for (let anchor = 0; anchor < anchors.count; anchor++) {
      const place = anchor * 4;
      // A measure that reaches `lowest` needs a common area.
      if (
        anchors.boxes[place] >= x2 || anchors.boxes[place + 2] <= x1 ||
        anchors.boxes[place + 1] >= y2 || anchors.boxes[place + 3] <= y1
      ) continue;
      const closeness = overlap(
        anchors.boxes,
        place,
        gt.boxes,
        box * 4,
        measure,
      );
      const below = upper === "open"
        ? closeness < threshold
        : closeness <= threshold;
      if (!(closeness >= lowest && below)) continue;
      const value = weight === "iou"
        ? overlap(anchors.boxes, place, gt.boxes, box * 4, "iou")
        : 1;
      region[anchor] = Math.max(region[anchor], value);
    }
  }
  for (let anchor = 0; anchor < anchors.count; anchor++) {
    if (valid?.[anchor] === 0 || (main && main[anchor] >= 0)) {
      region[anchor] = 0;
    }
  }
  return region;
}

const CHOICES = {
  measure: ["diof", "diou"],
  weight: ["iou", "mask"],
  upper: ["open", "closed"],
  positives: ["kept", "removed"],
} as const;

function requireChoices(given: Record<keyof typeof CHOICES, string>): void {
  for (const [name, choices] of Object.entries(CHOICES)) {
    const value = given[name as keyof typeof CHOICES];
    if (choices.some((choice) => choice === value)) continue;
    throw new RangeError(
      `Cannot select the VLR: ${name} must be ${
        choices.join(" or ")
      }: current ` +
        `value is "${value}"`,
    );
  }
}
