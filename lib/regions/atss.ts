import type { Anchors } from "../boxes/anchors.ts";
import { assignBoxes, type Assignment } from "./assignment.ts";
import { type AtssCandidates, atssCandidates } from "./atss_candidates.ts";
import type { GroundTruth } from "./ground_truth.ts";
import { ignoredAnchors } from "./ignored_anchors.ts";

/**
 * Adaptive training sample selection (ATSS): assigns a ground-truth box or
 * background to every anchor.
 *
 * Use it for GFL and ATSS detectors. Its positives are the main region of
 * localization distillation. Anchor a is a positive of box j if
 *
 * 1. its centre is one of the `topk` nearest of its level,
 * 2. IoU(a, j) >= mean + standard deviation of the IoUs of those candidates,
 * 3. its centre lies inside the box, more than 0.01 px from every side.
 *
 * A positive of several boxes takes the one of highest IoU (ties: the first).
 * A long thin box may have no positive at all.
 *
 * @param anchors Anchors of all levels.
 * @param gt Boxes in pixels of the network input; none makes all background.
 * @param options.numClasses Classes; the label of background.
 * @param options.topk Candidates a level, at least 1; 9 by default.
 * @param options.valid `[A]`: 0 for anchors that take no part, for example in
 * padding (`validAnchors`): no candidates, and of label weight 0.
 * @param options.ignoreIof In (0, 1]: anchors that share more than this of their
 * area with one of `gt.ignored` are far from all boxes, and not background
 * unless `gt` has no box at all. On a level of at most `topk` anchors such an
 * anchor is a candidate nevertheless and may become positive, as in the
 * reference code. -1, the default, ignores nothing.
 * @returns Labels, boxes and the number of positives.
 * @throws {TypeError} If boxes and labels, or `valid` and the anchors, differ in number.
 * @throws {RangeError} If a label is not in [0, numClasses) or `topk` not from 1.
 * @see ATSS, https://arxiv.org/abs/1912.02424, algorithm 1; MMDetection 3.3.0
 * `ATSSAssigner`. Where centres are equally near, or ignored anchors fill up a
 * level, PyTorch leaves the choice open and this function takes the lower index.
 * Where all candidates have one IoU, as on a single level deep inside a box, it
 * is the threshold itself and all are positive; there the reference's rounding of
 * the mean decides between all and none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { assignAtss } from "ldlab/regions/atss.ts";
 *
 * const anchors = makeAnchors({ height: 64, width: 64 });
 * const gt = { boxes: new Float32Array([4, 4, 44, 44]), labels: new Int32Array([2]) };
 * const { labels, gtIndex, positives } = assignAtss(anchors, gt, { numClasses: 3 });
 * const anchor = 3 * 8 + 3; // P3, centre (24, 24): the centre of the box
 * assert.equal(labels[anchor], 2);
 * assert.equal(gtIndex[anchor], 0);
 * assert.equal(labels[0], 3); // background
 * assert.equal(positives, gtIndex.filter((index) => index >= 0).length);
 * ```
 */
export function assignAtss(
  anchors: Anchors,
  gt: GroundTruth,
  { numClasses, topk = 9, valid, ignoreIof = -1 }: {
    numClasses: number;
    topk?: number;
    valid?: Uint8Array;
    ignoreIof?: number;
  },
): Assignment {
  const candidates = atssCandidates(anchors, gt, { topk, valid, ignoreIof });
  const gtIndex = atssPositives(anchors, gt, candidates);
  const takesPart = ignoredAnchors(anchors, gt, ignoreIof)
    ?.map((ignored, anchor) => ignored ? 0 : valid?.[anchor] ?? 1) ?? valid;
  return assignBoxes(anchors, gt, { gtIndex, numClasses, takesPart });
}

/**
 * Chooses the positives of ATSS among its candidates; the second step of
 * `assignAtss`, for regions that have the candidates already.
 *
 * @param anchors Anchors of all levels.
 * @param gt Boxes in pixels of the network input.
 * @param candidates What `atssCandidates` found for them.
 * @returns `[A]`: index of the box each anchor learns, -1 for none.
 * @see `assignAtss` for the rule.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { atssPositives } from "ldlab/regions/atss.ts";
 * import { atssCandidates } from "ldlab/regions/atss_candidates.ts";
 *
 * const anchors = makeAnchors({ height: 8, width: 24, strides: [8], scale: 2 });
 * const gt = { boxes: new Float32Array([0, -8, 16, 8]), labels: new Int32Array([0]) };
 * const candidates = atssCandidates(anchors, gt, { topk: 3 });
 * assert.deepEqual([...atssPositives(anchors, gt, candidates)], [-1, 0, -1]);
 * ```
 */
export function atssPositives(
  anchors: Anchors,
  gt: GroundTruth,
  { overlaps, nearest, thresholds }: AtssCandidates,
): Int32Array {
  const boxes = gt.labels.length;
  const gtIndex = new Int32Array(anchors.count).fill(-1);
  const best = new Float32Array(anchors.count);
  for (let box = 0; box < boxes; box++) {
    for (const [place, anchor] of nearest[box].entries()) {
      const overlap = overlaps[box][place];
      if (!(overlap >= thresholds[box])) continue;
      if (!(marginInside(anchors, anchor, gt.boxes, box) > margin)) continue;
      if (gtIndex[anchor] < 0 || overlap > best[anchor]) {
        gtIndex[anchor] = box;
        best[anchor] = overlap;
      }
    }
  }
  return gtIndex;
}

const margin = Math.fround(0.01);

/** Distance in pixels of an anchor's centre from the nearest side of a box. */
function marginInside(
  anchors: Anchors,
  anchor: number,
  boxes: Float32Array,
  box: number,
): number {
  const x = anchors.centers[anchor * 2];
  const y = anchors.centers[anchor * 2 + 1];
  return Math.fround(Math.min(
    x - boxes[box * 4],
    y - boxes[box * 4 + 1],
    boxes[box * 4 + 2] - x,
    boxes[box * 4 + 3] - y,
  ));
}
