import type { Anchors } from "../boxes/anchors.ts";
import { gtBoxRegion, type GtBoxRule } from "./gt_box.ts";
import type { GroundTruth } from "./ground_truth.ts";

/**
 * The locations outside all ground-truth boxes: what `gtBoxRegion` leaves.
 *
 * Use it beside `gtBoxRegion` of the same rule for decoupled imitation (DeFeat),
 * where background has a weight of its own. The released LD code ("decouple")
 * pairs the student's background with the teacher's foreground and fails unless
 * both have as many locations; with this region both networks are compared at
 * the same ones.
 *
 * @param anchors Anchors of all levels.
 * @param gt Boxes in pixels of the network input; without any, all is background.
 * @param options.rule See `GtBoxRule`; `centre` by default. With `ownLevel` and
 * `finestLevel` an object is background on the levels that are not its own.
 * @param options.valid `[A]`: 0 for anchors that take no part; they are in
 * neither region.
 * @returns `[A]`: 1 in the region, 0 elsewhere.
 * @throws {TypeError} If boxes and labels, or `valid` and the anchors, differ in
 * number.
 * @throws {RangeError} If the rule is unknown.
 * @see DeFeat, https://arxiv.org/abs/2103.14475, section 3.1;
 * ggjy/DeFeat.pytorch at c46a793d, `batch_processor_kd`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { backgroundRegion } from "ldlab/regions/background.ts";
 *
 * const anchors = makeAnchors({ height: 8, width: 32, strides: [8] });
 * const gt = { boxes: new Float32Array([6, -2, 18, 6]), labels: new Int32Array([0]) };
 * assert.deepEqual([...backgroundRegion(anchors, gt)], [1, 0, 0, 1]);
 * ```
 */
export function backgroundRegion(
  anchors: Anchors,
  gt: GroundTruth,
  { rule, valid }: { rule?: GtBoxRule; valid?: Uint8Array } = {},
): Float32Array {
  return gtBoxRegion(anchors, gt, { rule, valid })
    .map((inside, anchor) => valid?.[anchor] === 0 ? 0 : 1 - inside);
}
