import { cocoRecalls } from "./coco_accumulation.ts";
import {
  type CocoArea,
  cocoAreas,
  type CocoCurves,
  cocoIouThresholds,
} from "./coco_curves.ts";

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
 * @param options.of `"precision"` for AP, `"recall"` for AR.
 * @param options.iouIndex Place of one threshold in `cocoIouThresholds`; the
 * mean over all ten by default.
 * @param options.label One class; the mean over all by default.
 * @param options.area A size of boxes; `"all"` by default.
 * @param options.maxDetections One of the limits of the curves; the largest by
 * default.
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
 * const recall = (maxDetections: number) => averageCocoCurves(curves, { of: "recall", maxDetections });
 * assert.deepEqual([recall(1), recall(300)], [0.5, 1]);
 * ```
 */
export function averageCocoCurves(
  curves: CocoCurves,
  { of, iouIndex, label, area = "all", maxDetections }: {
    of: "precision" | "recall";
    iouIndex?: number;
    label?: number;
    area?: CocoArea;
    maxDetections?: number;
  },
): number {
  const { numClasses, maxDetections: limits } = curves;
  const limit = maxDetections === undefined
    ? limits.length - 1
    : limits.indexOf(maxDetections);
  const size = cocoAreas.indexOf(area);
  if (limit < 0) throw absent("maxDetections", limits, maxDetections);
  if (size < 0) throw absent("area", cocoAreas, area);
  const thresholds = range("iouIndex", cocoIouThresholds.length, iouIndex);
  const labels = range("label", numClasses, label);
  const samples = of === "precision" ? cocoRecalls.length : 1;
  let sum = 0;
  let count = 0;
  for (const t of thresholds) {
    for (let r = 0; r < samples; r++) {
      for (const k of labels) {
        const cell = ((t * samples + r) * numClasses + k) * cocoAreas.length;
        const value = curves[of][(cell + size) * limits.length + limit];
        if (Number.isNaN(value)) continue;
        sum += value;
        count++;
      }
    }
  }
  return sum / count;
}

/** The one index asked for, or all. */
function range(option: string, count: number, one?: number): number[] {
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
