// T IoU thresholds, R recalls, C classes, S area ranges, M limits.
import { bestByLabel, indicesByLabel, pickBoxes } from "./boxes_by_class.ts";
import { accumulateMatches, cocoRecalls } from "./coco_accumulation.ts";
import type { CocoDetections, CocoGroundTruth } from "./coco_images.ts";
import {
  cocoOverlaps,
  type CocoPair,
  matchDetections,
} from "./coco_matching.ts";
import { requireEvaluable } from "./evaluation_guard.ts";

/** The IoU thresholds of COCO: 0.50, 0.55, ..., 0.95, bit by bit as NumPy has them. */
export const cocoIouThresholds: readonly number[] = Array.from(
  { length: 10 },
  (_, index) => index === 9 ? 0.95 : 0.5 + index * ((0.95 - 0.5) / 9),
);

/** Smallest and largest area of boxes of each size in px², both inclusive. */
export const cocoAreaRanges = {
  all: [0, 1e10],
  small: [0, 32 ** 2],
  medium: [32 ** 2, 96 ** 2],
  large: [96 ** 2, 1e10],
} as const;

/** A size of boxes as COCO names it. */
export type CocoArea = keyof typeof cocoAreaRanges;

/** The sizes in the order of the arrays' axis S. */
export const cocoAreas = Object.keys(cocoAreaRanges) as readonly CocoArea[];

/** Precision over recall of every class at every threshold, size and limit. */
export interface CocoCurves {
  /**
   * `[T, 101, C, 4, M]`, row-major: precision at each of `cocoIouThresholds`
   * and `cocoRecalls`, for each class, of each of `cocoAreas`, with each of
   * `maxDetections`; NaN where there is no box to be found.
   */
  readonly precision: Float64Array;
  /** `[T, C, 4, M]`: largest recall; NaN where there is no box to be found. */
  readonly recall: Float64Array;
  /** C. */
  readonly numClasses: number;
  /** `[M]`: how many detections of a class and image count. */
  readonly maxDetections: readonly number[];
}

/**
 * The precision–recall curves of a detector on a data set, as COCO has them.
 *
 * Use it to draw curves, which `meanCocoCurve` picks out, or for means that are
 * not among COCO's 12 figures, such as the AR of 300 detections, which
 * `averageCocoCurves` takes. `evaluateCoco` gives the usual figures.
 *
 * A curve is precision, made monotone, at 101 recalls:
 *
 *     precision[r] = max over r' >= r of TP(r') / (TP(r') + FP(r'))
 *
 * and 0 at recalls that are not reached. Equal scores keep the order of the
 * images and, within an image, of the detections. Where there is no box to be
 * found pycocotools says -1 and this function NaN.
 *
 * @param groundTruth What is in each image.
 * @param detections What was found in each image, in the same order.
 * @param options.numClasses Number of classes, C.
 * @param options.maxDetections Limits on the detections of a class and image,
 * rising whole numbers of at least 1; 1, 10 and 100 by default.
 * @returns The curves, axes in pycocotools' order.
 * @throws {TypeError} If the images, or the fields of an image, differ in number.
 * @throws {RangeError} If a label is not in [0, numClasses), a coordinate or
 * score is NaN, or the limits do not rise.
 * @see pycocotools 2.0.11 `COCOeval.accumulate`, whose `eval["precision"]` and
 * `eval["recall"]` these arrays equal to 1e-12.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { cocoPrecisionRecall } from "ldlab/eval/coco_curves.ts";
 *
 * const boxes = [0, 0, 40, 40, 90, 90, 99, 99];
 * const { precision, recall } = cocoPrecisionRecall(
 *   [{ boxes, labels: [0, 0] }],
 *   [{ boxes: boxes.slice(0, 4), scores: [0.9], labels: [0] }],
 *   { numClasses: 1, maxDetections: [100] },
 * );
 * const curve = Array.from({ length: 101 }, (_, r) => precision[r * 4]); // IoU .5, all sizes
 * assert.equal(curve[50].toFixed(6), "1.000000");
 * assert.equal(curve[51], 0); // one box of two was found
 * assert.equal(recall[0], 0.5);
 * ```
 */
export function cocoPrecisionRecall(
  groundTruth: readonly CocoGroundTruth[],
  detections: readonly CocoDetections[],
  { numClasses, maxDetections = [1, 10, 100] }: {
    numClasses: number;
    maxDetections?: readonly number[];
  },
): CocoCurves {
  requireEvaluable(groundTruth, detections, {
    numClasses,
    fields: ["areas", "crowd"],
  });
  requireRisingLimits(maxDetections);
  const most = maxDetections[maxDetections.length - 1];
  const truths = groundTruth.map(({ labels }) => indicesByLabel(labels));
  const found = detections.map(bestByLabel);
  const [thresholds, recalls] = [cocoIouThresholds.length, cocoRecalls.length];
  const row = numClasses * cocoAreas.length * maxDetections.length;
  const precision = new Float64Array(thresholds * recalls * row).fill(NaN);
  const recall = new Float64Array(thresholds * row).fill(NaN);
  for (let label = 0; label < numClasses; label++) {
    const pairs = groundTruth.flatMap((image, i) => {
      const [some, others] = [truths[i].get(label), found[i].get(label)];
      if (some === undefined && others === undefined) return [];
      const best = (others ?? []).slice(0, most);
      return [selectBoxes(image, some ?? [], detections[i], best)];
    });
    const images = pairs.map((pair) => ({
      pair,
      overlaps: cocoOverlaps(pair),
    }));
    for (const [size, area] of cocoAreas.entries()) {
      const matches = images.map(({ pair, overlaps }) =>
        matchDetections(pair, overlaps, {
          iouThresholds: cocoIouThresholds,
          areaRange: cocoAreaRanges[area],
        })
      );
      for (const [m, limit] of maxDetections.entries()) {
        const curve = accumulateMatches(matches, { limit, thresholds });
        if (curve === undefined) break;
        const column = (label * cocoAreas.length + size) *
            maxDetections.length + m;
        for (let at = 0; at < curve.precision.length; at++) {
          precision[at * row + column] = curve.precision[at];
        }
        for (let t = 0; t < thresholds; t++) {
          recall[t * row + column] = curve.recall[t];
        }
      }
    }
  }
  return { precision, recall, numClasses, maxDetections: [...maxDetections] };
}

/** The boxes of one class in one image: truths and, best first, detections. */
function selectBoxes(
  image: CocoGroundTruth,
  truths: readonly number[],
  detections: CocoDetections,
  best: readonly number[],
): CocoPair {
  const truthBoxes = pickBoxes(image.boxes, truths);
  const areas = truths.map((index, place) => {
    if (image.areas) return image.areas[index];
    const [x1, y1, x2, y2] = truthBoxes.subarray(place * 4, place * 4 + 4);
    return (x2 - x1) * (y2 - y1);
  });
  return {
    truths: truthBoxes,
    areas: new Float64Array(areas),
    crowd: new Uint8Array(truths.map((index) => image.crowd?.[index] ? 1 : 0)),
    found: pickBoxes(detections.boxes, best),
    scores: new Float64Array(best.map((index) => detections.scores[index])),
  };
}

function requireRisingLimits(limits: readonly number[]): void {
  const rising = limits.every((limit, index) =>
    Number.isInteger(limit) && limit > (limits[index - 1] ?? 0)
  );
  if (rising && limits.length > 0) return;
  throw new RangeError(
    "Cannot evaluate: maxDetections must be rising whole numbers of at least " +
      `1, as in [1, 10, 100]: current value is [${limits.join(", ")}]`,
  );
}
