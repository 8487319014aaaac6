import { cocoRecalls } from "./coco_accumulation.ts";
import {
  type CocoArea,
  cocoAreas,
  type CocoCurves,
  cocoIouThresholds,
} from "./coco_curves.ts";

/** Which of the curves to average. */
export interface CocoSelection {
  /** Place of one threshold in `cocoIouThresholds`; all ten by default. */
  readonly iouIndex?: number;
  /** One class; all by default. */
  readonly label?: number;
  /** A size of boxes; `"all"` by default. */
  readonly area?: CocoArea;
  /** One of the limits of the curves; the largest by default. */
  readonly maxDetections?: number;
}

/**
 * The mean precision–recall curve of some of the curves.
 *
 * Use it to draw a detector's curve, of one class at one IoU or of them all.
 *
 *     curve[r] = mean over IoU thresholds and classes of precision at recall r
 *
 * Classes without any box to be found are left out. The mean of the curve is AP.
 *
 * @param curves Of `cocoPrecisionRecall`.
 * @param selection Which thresholds, classes, size and limit.
 * @returns `[101]`: precision at each of `cocoRecalls`, NaN where there is no
 * box to be found.
 * @throws {RangeError} If the curves have no such threshold, class, size or limit.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { meanCocoCurve } from "ldlab/eval/coco_average.ts";
 * import { cocoPrecisionRecall } from "ldlab/eval/coco_curves.ts";
 *
 * const curves = cocoPrecisionRecall(
 *   [{ boxes: [0, 0, 9, 9, 50, 50, 99, 99], labels: [0, 0] }],
 *   [{ boxes: [0, 0, 9, 9], scores: [0.9], labels: [0] }],
 *   { numClasses: 1 },
 * );
 * const curve = meanCocoCurve(curves, { iouIndex: 0 }); // IoU 0.5
 * assert.deepEqual([curve[50].toFixed(6), curve[51]], ["1.000000", 0]); // one of two was found
 * ```
 */
export function meanCocoCurve(
  curves: CocoCurves,
  selection: CocoSelection = {},
): Float64Array {
  const cells = cellsOf(curves, selection, cocoRecalls.length);
  return Float64Array.from(
    cocoRecalls,
    (_, recall) => mean(cells(recall).map((cell) => curves.precision[cell])),
  );
}

/**
 * Average precision or average recall: a mean over precision–recall curves.
 *
 * Use it for figures that `evaluateCoco` does not give, such as the AR of 300
 * detections, or the AP of small boxes of one class at one IoU.
 *
 *     AP = mean over IoU thresholds, recalls and classes of precision
 *     AR = mean over IoU thresholds and classes of the largest recall
 *
 * Classes without any box to be found are left out.
 *
 * @param curves Of `cocoPrecisionRecall`.
 * @param of `"precision"` for AP, `"recall"` for AR.
 * @param selection Which thresholds, classes, size and limit.
 * @returns A number in [0, 1], or NaN where there is no box to be found.
 * @throws {RangeError} If the curves have no such threshold, class, size or limit.
 * @see pycocotools 2.0.11 `COCOeval.summarize`, which says -1 in place of NaN.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { averageCocoCurves } from "ldlab/eval/coco_average.ts";
 * import { cocoPrecisionRecall } from "ldlab/eval/coco_curves.ts";
 *
 * const truth = { boxes: [0, 0, 9, 9, 50, 50, 99, 99], labels: [0, 0] };
 * const curves = cocoPrecisionRecall([truth], [{ ...truth, scores: [0.9, 0.8] }], {
 *   numClasses: 1,
 *   maxDetections: [1, 300],
 * });
 * assert.equal(averageCocoCurves(curves, "recall"), 1); // AR300
 * assert.equal(averageCocoCurves(curves, "recall", { maxDetections: 1 }), 0.5);
 * ```
 */
export function averageCocoCurves(
  curves: CocoCurves,
  of: "precision" | "recall",
  selection: CocoSelection = {},
): number {
  if (of === "precision") return mean(meanCocoCurve(curves, selection));
  const cells = cellsOf(curves, selection, 1);
  return mean(cells(0).map((cell) => curves.recall[cell]));
}

/** A function that says where the values of a sample of recall are. */
function cellsOf(
  { numClasses, maxDetections: limits }: CocoCurves,
  { iouIndex, label, area = "all", maxDetections }: CocoSelection,
  samples: number,
): (sample: number) => number[] {
  const limit = maxDetections === undefined
    ? limits.length - 1
    : limits.indexOf(maxDetections);
  const size = cocoAreas.indexOf(area);
  if (limit < 0) throw absent("maxDetections", limits, maxDetections);
  if (size < 0) throw absent("area", cocoAreas, area);
  const thresholds = indices("iouIndex", cocoIouThresholds.length, iouIndex);
  const labels = indices("label", numClasses, label);
  return (sample) =>
    thresholds.flatMap((t) =>
      labels.map((k) => {
        const row = (t * samples + sample) * numClasses + k;
        return (row * cocoAreas.length + size) * limits.length + limit;
      })
    );
}

/** Of those that are numbers; NaN of none. */
function mean(values: ArrayLike<number>): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    sum += values[i];
    count++;
  }
  return sum / count;
}

/** The one index asked for, or all. */
function indices(option: string, count: number, one?: number): number[] {
  if (one === undefined) return [...Array(count).keys()];
  if (Number.isInteger(one) && one >= 0 && one < count) return [one];
  throw new RangeError(
    `Cannot average curves: ${option} must be a whole number in [0, ${count}): ` +
      `current value is ${one}`,
  );
}

function absent(
  option: string,
  choices: readonly unknown[],
  value: unknown,
): RangeError {
  return new RangeError(
    `Cannot average curves: ${option} must be one of ${choices.join(", ")}: ` +
      `current value is ${value}`,
  );
}
