import type { Assignment } from "./assignment.ts";

/**
 * The main region of distillation: the locations that learn a box.
 *
 * Use it for Main LD and Main KD. The released LD head weights each of these
 * locations by the student's largest class score besides; that needs
 * predictions, so it happens in the step and not here.
 *
 * @param assignment Of `assignAtss` or another assigner.
 * @returns `[A]`: 1 where the assignment is positive, 0 elsewhere.
 * @see LD, https://arxiv.org/abs/2102.12252, section 3.3.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { assignAtss } from "ldlab/regions/atss.ts";
 * import { mainRegion } from "ldlab/regions/main_region.ts";
 *
 * const anchors = makeAnchors({ height: 64, width: 64 });
 * const gt = { boxes: new Float32Array([4, 4, 44, 44]), labels: new Int32Array([0]) };
 * const assignment = assignAtss(anchors, gt, { numClasses: 1 });
 * const region = mainRegion(assignment);
 * assert.equal(region.reduce((a, b) => a + b), assignment.positives);
 * ```
 */
export function mainRegion(assignment: Assignment): Float32Array {
  return Float32Array.from(assignment.gtIndex, (box) => box >= 0 ? 1 : 0);
}
