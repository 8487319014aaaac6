import type { Anchors } from "../boxes/anchors.ts";
import { assignBoxes, type Assignment } from "./assignment.ts";
import { requireFit } from "./fit_guard.ts";
import type { GroundTruth } from "./ground_truth.ts";

const round = Math.fround;

/** FCOS's ranges for P3 to P7: the farthest side a level regresses, in pixels. */
const RANGES = [
  [-1, 64],
  [64, 128],
  [128, 256],
  [256, 512],
  [512, 1e8],
] as const;

/**
 * FCOS's assignment: each point learns the smallest box it lies in the middle
 * of, on the level that fits the box.
 *
 * Use it for FCOS, with `makeAnchors({ centerOffset: 0.5 })`: only the centres
 * of the anchors count. With (l, t, r, b) the distances of point a from the
 * sides of box j and s the stride, j may be learnt at a if
 *
 * 1. a lies strictly inside j and less than `centerRadius` · s from the centre
 *    of j in x and in y,
 * 2. low <= max(l, t, r, b) <= high, the range of the level.
 *
 * Of several boxes the one of least area is learnt (ties: the first).
 *
 * @param anchors Anchors of all levels; their centres are the points.
 * @param gt Boxes in pixels of the network input; none makes all background.
 * FCOS knows no ignored boxes.
 * @param options.numClasses Classes; the label of background.
 * @param options.centerRadius In strides, positive; 1.5 by default. `Infinity`
 * takes all points inside a box, as the first version of FCOS.
 * @param options.regressRanges `[low, high]` of each level in pixels; those of
 * P3 to P7 by default.
 * @param options.valid `[A]`: 0 for points that take no part, for example in
 * padding; all do by default, as in the reference code.
 * @returns Labels, boxes and the number of positives.
 * @throws {TypeError} If boxes and labels, ranges and levels, or `valid` and the
 * anchors, differ in number.
 * @throws {RangeError} If a label is not in [0, numClasses) or the radius not positive.
 * @see FCOS, https://arxiv.org/abs/1904.01355, section 3.2; MMDetection 3.3.0
 * `FCOSHead.get_targets`, where centre sampling is off unless configured; the LD
 * repository's configs have it on. There areas from 1e8 are out of reach as well.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { assignFcos } from "ldlab/regions/fcos.ts";
 *
 * const points = makeAnchors({ height: 64, width: 64, centerOffset: 0.5 });
 * const gt = { boxes: new Float32Array([4, 4, 44, 44]), labels: new Int32Array([0]) };
 * // Points of P3 at 4, 12, 20, ...: less than 12 from the centre 24 are 20 and 28.
 * const { gtIndex, positives } = assignFcos(points, gt, { numClasses: 1 });
 * assert.equal(positives, 4);
 * assert.equal(gtIndex[2 * 8 + 2], 0); // row 2, column 2: (20, 20)
 * ```
 */
export function assignFcos(
  anchors: Anchors,
  gt: GroundTruth,
  { numClasses, centerRadius = 1.5, regressRanges = RANGES, valid }: {
    numClasses: number;
    centerRadius?: number;
    regressRanges?: readonly (readonly [low: number, high: number])[];
    valid?: Uint8Array;
  },
): Assignment {
  const boxes = gt.labels.length;
  requireFit("assign boxes", anchors, gt, valid);
  if (regressRanges.length !== anchors.levels.length) {
    throw new TypeError(
      `Cannot assign boxes: regressRanges must have ${anchors.levels.length} ` +
        `entries, one for each level: current length is ${regressRanges.length}`,
    );
  }
  if (!(centerRadius > 0)) {
    throw new RangeError(
      "Cannot assign boxes: centerRadius must be positive: current value is " +
        centerRadius,
    );
  }
  const gtIndex = new Int32Array(anchors.count).fill(-1);
  for (const [index, { start, count, stride }] of anchors.levels.entries()) {
    const [low, high] = regressRanges[index];
    const reach = round(stride * centerRadius);
    for (let point = start; point < start + count; point++) {
      if (valid?.[point] === 0) continue;
      const [x, y] = anchors.centers.subarray(point * 2, point * 2 + 2);
      let smallest = 1e8;
      for (let box = 0; box < boxes; box++) {
        const [x1, y1, x2, y2] = gt.boxes.subarray(box * 4, box * 4 + 4);
        const area = round(round(x2 - x1) * round(y2 - y1));
        if (!(area < smallest)) continue;
        const inside = inMiddle(x, x1, x2, reach) && inMiddle(y, y1, y2, reach);
        const farthest = round(Math.max(x - x1, y - y1, x2 - x, y2 - y));
        if (!inside || !(farthest >= low && farthest <= high)) continue;
        gtIndex[point] = box;
        smallest = area;
      }
    }
  }
  return assignBoxes(anchors, gt, { gtIndex, numClasses, takesPart: valid });
}

/** Whether x lies strictly in [from, to] and in reach of its middle. */
function inMiddle(x: number, from: number, to: number, reach: number): boolean {
  const middle = round(round(from + to) / 2);
  return x > Math.max(from, round(middle - reach)) &&
    x < Math.min(to, round(middle + reach));
}
