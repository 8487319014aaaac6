import type { Anchors } from "../boxes/anchors.ts";
import { overlap } from "../boxes/overlaps.ts";
import { assignBoxes, type Assignment } from "./assignment.ts";
import { requireFit } from "./fit_guard.ts";
import type { GroundTruth } from "./ground_truth.ts";
import { ignoredAnchors } from "./ignored_anchors.ts";

/** How `assignMaxIou` decides. */
export interface MaxIouOptions {
  /** Classes; the label of background. */
  numClasses: number;
  /** Least IoU of a positive, in [0, 1]; 0.5 by default. */
  positiveIou?: number;
  /** Background has a lower IoU with every box, in [0, 1]; 0.4 by default. */
  negativeIou?: number;
  /** Whether a box also gets its best anchors, however low their IoU; true by default. */
  matchLowQuality?: boolean;
  /** ... if that IoU is at least this, in [0, 1]; 0 by default. */
  minPositiveIou?: number;
  /** Whether all anchors that tie for best are taken (default) or the first. */
  everyBest?: boolean;
  /**
   * In (0, 1]: anchors that share more than this of their area with one of
   * `gt.ignored` are neither positive nor background. -1 (default): none.
   */
  ignoreIof?: number;
  /** `[A]`: 0 for anchors that take no part, for example in padding. */
  valid?: Uint8Array;
}

/**
 * Assigns each anchor the box of highest IoU, by two fixed thresholds.
 *
 * Use it for RetinaNet (the defaults) and region proposals (0.7, 0.3, at least
 * 0.3). With u_a the highest IoU of anchor a, in this order,
 *
 * 1. u_a < negativeIou: background,
 * 2. u_a >= positiveIou: learns the box of that IoU (ties: the first),
 * 3. with `matchLowQuality`, each box j in turn: the anchors of its own highest
 *    IoU, if that is at least `minPositiveIou`, learn j whatever they learnt.
 *
 * The rest, between the thresholds, is neither positive nor background: its
 * label weight is 0. Step 3 may give an anchor to a box that is not its best,
 * and with `minPositiveIou` 0 a box that no anchor overlaps gets all anchors
 * of IoU 0 with it, the reference code's too.
 *
 * @param anchors Anchors of all levels.
 * @param gt Boxes in pixels of the network input; none makes all background,
 * even what lies on ignored boxes.
 * @param options See `MaxIouOptions`.
 * @returns Labels, boxes and the number of positives.
 * @throws {TypeError} If boxes and labels, or `valid` and the anchors, differ in number.
 * @throws {RangeError} If a label is not in [0, numClasses) or a threshold not in [0, 1].
 * @see RetinaNet, https://arxiv.org/abs/1708.02002, section 4; MMDetection 3.3.0
 * `MaxIoUAssigner`, of which a range of negative IoUs and permuted boxes are
 * left out.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { assignMaxIou } from "ldlab/regions/max_iou.ts";
 *
 * // Anchors 8 px wide around 0, 8 and 16; the box has IoU 1/3 with the latter two.
 * const anchors = makeAnchors({ height: 8, width: 24, strides: [8], scale: 1 });
 * const gt = { boxes: new Float32Array([8, -4, 16, 4]), labels: new Int32Array([0]) };
 * const low = assignMaxIou(anchors, gt, { numClasses: 1 });
 * assert.deepEqual([...low.gtIndex], [-1, 0, 0]);
 * const high = assignMaxIou(anchors, gt, { numClasses: 1, matchLowQuality: false });
 * assert.equal(high.positives, 0);
 * ```
 */
export function assignMaxIou(
  anchors: Anchors,
  gt: GroundTruth,
  {
    numClasses,
    positiveIou = 0.5,
    negativeIou = 0.4,
    matchLowQuality = true,
    minPositiveIou = 0,
    everyBest = true,
    ignoreIof = -1,
    valid,
  }: MaxIouOptions,
): Assignment {
  const boxes = gt.labels.length;
  requireFit("assign boxes", anchors, gt, valid);
  const thresholds = { positiveIou, negativeIou, minPositiveIou };
  for (const [name, threshold] of Object.entries(thresholds)) {
    if (!(threshold >= 0 && threshold <= 1)) {
      throw new RangeError(
        `Cannot assign boxes: ${name} must be in [0, 1]: current value is ${threshold}`,
      );
    }
  }
  const gtIndex = new Int32Array(anchors.count).fill(-1);
  const takesPart = new Uint8Array(anchors.count);
  const ignored = ignoredAnchors(anchors, gt, ignoreIof);
  const overlaps = new Float32Array(boxes * anchors.count); // [G, A]
  const bestOfBox = new Float32Array(boxes).fill(-1);
  for (let anchor = 0; anchor < anchors.count; anchor++) {
    let best = -1;
    let bestBox = -1;
    const apart = valid?.[anchor] === 0 || ignored?.[anchor] === 1;
    for (let box = 0; box < boxes; box++) {
      const value = apart
        ? -1
        : overlap(gt.boxes, box * 4, anchors.boxes, anchor * 4, "iou");
      overlaps[box * anchors.count + anchor] = value;
      bestOfBox[box] = Math.max(bestOfBox[box], value);
      if (value > best) [best, bestBox] = [value, box];
    }
    if (apart) continue;
    if (best < Math.fround(negativeIou)) takesPart[anchor] = 1;
    if (best >= Math.fround(positiveIou)) gtIndex[anchor] = bestBox;
  }
  for (let box = 0; matchLowQuality && box < boxes; box++) {
    if (!(bestOfBox[box] >= Math.fround(minPositiveIou))) continue;
    const row = overlaps.subarray(
      box * anchors.count,
      (box + 1) * anchors.count,
    );
    for (const [anchor, value] of row.entries()) {
      if (value !== bestOfBox[box]) continue;
      gtIndex[anchor] = box;
      if (!everyBest) break;
    }
  }
  return assignBoxes(anchors, gt, { gtIndex, numClasses, takesPart });
}
