import type { Anchors } from "../boxes/anchors.ts";
import type { Assignment } from "./assignment.ts";
import type { GroundTruth } from "./ground_truth.ts";

/**
 * Refuses ground truth whose boxes and labels differ in number or whose boxes are
 * not finite, and marks or an assignment that are not one for each anchor; the
 * guard of every region and assigner.
 *
 * @param task What cannot be done otherwise, as in "assign boxes".
 * @param anchors Anchors of all levels.
 * @param gt Boxes and labels.
 * @param valid `[A]`, if given.
 * @param assignment Of the same anchors, if given.
 * @throws {TypeError} If they do not fit together.
 * @throws {RangeError} If a box is not finite: it would be background, silently.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { requireFit } from "ldlab/regions/fit_guard.ts";
 *
 * const anchors = makeAnchors({ height: 8, width: 8 });
 * const gt = { boxes: new Float32Array(4), labels: new Int32Array(2) };
 * assert.throws(
 *   () => requireFit("assign boxes", anchors, gt),
 *   /boxes must be \[2, 4\], a row for each label: current length is 4/,
 * );
 * ```
 */
export function requireFit(
  task: string,
  anchors: Anchors,
  gt: GroundTruth,
  valid?: Uint8Array,
  assignment?: Assignment,
): void {
  const boxes = gt.labels.length;
  if (gt.boxes.length !== boxes * 4) {
    throw new TypeError(
      `Cannot ${task}: boxes must be [${boxes}, 4], a row for each label: ` +
        `current length is ${gt.boxes.length}`,
    );
  }
  const wrong = gt.boxes.findIndex((x) => !Number.isFinite(x));
  if (wrong >= 0) {
    const box = Math.floor(wrong / 4);
    throw new RangeError(
      `Cannot ${task}: boxes must be finite: current box ${box} is ` +
        `[${gt.boxes.subarray(box * 4, box * 4 + 4).join(", ")}]`,
    );
  }
  const marks = { valid, "the assignment": assignment?.gtIndex };
  for (const [what, array] of Object.entries(marks)) {
    if (array === undefined || array.length === anchors.count) continue;
    throw new TypeError(
      `Cannot ${task}: ${what} must have ${anchors.count} entries, one for each ` +
        `anchor: current length is ${array.length}`,
    );
  }
}
