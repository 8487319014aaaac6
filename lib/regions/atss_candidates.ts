import type { AnchorLevel, Anchors } from "../boxes/anchors.ts";
import { overlap } from "../boxes/overlaps.ts";
import { requireFit } from "./fit_guard.ts";
import type { GroundTruth } from "./ground_truth.ts";
import { ignoredAnchors } from "./ignored_anchors.ts";

/** What ATSS finds out about each ground-truth box before it decides. */
export interface AtssCandidates {
  /** For each box the nearest anchors of each level, level after level. */
  readonly nearest: readonly Int32Array[];
  /** For each box its IoUs with `nearest`. */
  readonly overlaps: readonly Float32Array[];
  /** `[G]`: mean plus standard deviation of the IoUs of `nearest`. */
  readonly thresholds: Float32Array;
}

const round = Math.fround;

/**
 * The anchors nearest to each ground-truth box and the adaptive IoU threshold
 * that follows from them.
 *
 * Use it as the first step of a region: `assignAtss` and `vlrRegion` both start
 * here. The candidates of box j are the `topk` anchors of each level whose
 * centres are nearest to its own (ties: the lower index). With the IoUs u of
 * the n candidates,
 *
 *     threshold_j = mean(u) + sqrt(sum((u - mean(u))²) / (n - 1))
 *
 * One candidate alone has no deviation: its threshold is NaN, which no IoU
 * reaches. Anchors on ignored boxes count as far away: they come last, by index,
 * on levels that have too few others.
 *
 * @param anchors Anchors of all levels.
 * @param gt Boxes in pixels of the network input.
 * @param options.topk Candidates a level, at least 1; all of a smaller level.
 * @param options.valid `[A]`: 0 for anchors that take no part; all do by default.
 * @param options.ignoreIof Anchors that share more of their area with one of
 * `gt.ignored` are ignored; none by default. See `ignoredAnchors`.
 * @returns The candidates, their IoUs and the thresholds.
 * @throws {TypeError} If boxes and labels, or `valid` and the anchors, differ in number.
 * @throws {RangeError} If `topk` is not a whole number from 1.
 * @see ATSS, https://arxiv.org/abs/1912.02424, algorithm 1, lines 1 to 10;
 * MMDetection 3.3.0 `ATSSAssigner`, which divides by n - 1 (PaddleDetection: n).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { atssCandidates } from "ldlab/regions/atss_candidates.ts";
 *
 * const anchors = makeAnchors({ height: 8, width: 24, strides: [8], scale: 2 });
 * const gt = { boxes: new Float32Array([0, -8, 16, 8]), labels: new Int32Array([0]) };
 * const { nearest, thresholds } = atssCandidates(anchors, gt, { topk: 2 });
 * // IoUs 1 (centre at 8) and 1/3 (centre at 0): mean 2/3, deviation sqrt(2)/3.
 * assert.deepEqual([...nearest[0]], [1, 0]);
 * assert.ok(Math.abs(thresholds[0] - (2 + Math.SQRT2) / 3) < 1e-6);
 * ```
 */
export function atssCandidates(
  anchors: Anchors,
  gt: GroundTruth,
  { topk, valid, ignoreIof = -1 }: {
    topk: number;
    valid?: Uint8Array;
    ignoreIof?: number;
  },
): AtssCandidates {
  const boxes = gt.labels.length;
  requireFit("choose candidates", anchors, gt, valid);
  if (!(Number.isInteger(topk) && topk >= 1)) {
    throw new RangeError(
      "Cannot choose candidates: topk must be a whole number from 1: current " +
        `value is ${topk}`,
    );
  }
  const ignored = ignoredAnchors(anchors, gt, ignoreIof);
  const near = (anchor: number) =>
    valid?.[anchor] !== 0 && ignored?.[anchor] !== 1;
  const far = (anchor: number) =>
    valid?.[anchor] !== 0 && ignored?.[anchor] === 1;
  const nearest: Int32Array[] = [];
  const overlaps: Float32Array[] = [];
  const thresholds = new Float32Array(boxes);
  for (let box = 0; box < boxes; box++) {
    const x = round(gt.boxes[box * 4] + gt.boxes[box * 4 + 2]) / 2;
    const y = round(gt.boxes[box * 4 + 1] + gt.boxes[box * 4 + 3]) / 2;
    nearest.push(
      Int32Array.from(
        anchors.levels.flatMap((level) => {
          const found = [
            ...nearestAnchors(anchors, level, { x, y, topk, near }),
          ];
          const { start, count } = level;
          for (let a = start; ignored && a < start + count; a++) {
            if (found.length === topk) break;
            if (far(a)) found.push(a);
          }
          return found;
        }),
      ),
    );
    overlaps.push(Float32Array.from(
      nearest[box],
      (anchor) => overlap(anchors.boxes, anchor * 4, gt.boxes, box * 4, "iou"),
    ));
    thresholds[box] = adaptiveThreshold(overlaps[box]);
  }
  return { nearest, overlaps, thresholds };
}

/** The `topk` anchors of a level nearest to a point, nearest first. */
function nearestAnchors(
  { centers }: Anchors,
  { start, count, height }: AnchorLevel,
  { x, y, topk, near }: {
    x: number;
    y: number;
    topk: number;
    near: (anchor: number) => boolean;
  },
): Int32Array {
  const wanted = Math.min(topk, count);
  // Nearest first; one place more, for what falls out.
  const best = new Int32Array(wanted + 1);
  const distances = new Float32Array(wanted + 1);
  let kept = 0;
  let limit = Infinity; // squared: nothing beyond it can be among the nearest
  const away = (anchor: number, axis: 0 | 1) => {
    const difference = round(centers[anchor * 2 + axis] - (axis ? y : x));
    return round(difference * difference);
  };
  const perRow = count / height;
  const visitRow = (first: number) => {
    const dy2 = away(first, 1);
    if (dy2 > limit) return;
    for (let anchor = first; anchor < first + perRow; anchor++) {
      const squared = round(away(anchor, 0) + dy2);
      if (squared > limit || !near(anchor)) continue;
      const distance = round(Math.sqrt(squared));
      let place = kept;
      for (; place > 0; place--) {
        const other = distances[place - 1];
        if (distance > other) break;
        if (distance === other && anchor > best[place - 1]) break;
        best[place] = best[place - 1];
        distances[place] = other;
      }
      best[place] = anchor;
      distances[place] = distance;
      if (kept < wanted) kept++;
      // A little more, for distances are rounded.
      if (kept === wanted) limit = 1.000001 * distances[kept - 1] ** 2;
    }
  };
  const end = start + count;
  let middle = start;
  for (let first = start; first < end; first += perRow) {
    if (away(first, 1) < away(middle, 1)) middle = first;
  }
  visitRow(middle); // which leaves little to be seen of the others
  for (let first = start; first < end; first += perRow) {
    if (first !== middle) visitRow(first);
  }
  return best.subarray(0, kept);
}

function adaptiveThreshold(overlaps: Float32Array): number {
  let sum = 0;
  for (const value of overlaps) sum += value;
  const mean = sum / overlaps.length;
  let squares = 0;
  for (const value of overlaps) squares += (value - mean) ** 2;
  const deviation = Math.sqrt(squares / (overlaps.length - 1));
  return round(round(mean) + round(deviation));
}
