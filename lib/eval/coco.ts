import { averageCocoCurves } from "./coco_average.ts";
import {
  type CocoArea,
  type CocoCurves,
  cocoIouThresholds,
  cocoPrecisionRecall,
} from "./coco_curves.ts";
import type { CocoDetections, CocoGroundTruth } from "./coco_images.ts";

/** The figures of COCO in [0, 1]; NaN where there is no box to be found. */
export interface CocoFigures {
  /** Average precision, mean over the IoU thresholds 0.50, 0.55, ..., 0.95. */
  readonly ap: number;
  readonly ap50: number;
  readonly ap75: number;
  /** Of boxes up to 32² px. */
  readonly apSmall: number;
  /** Of boxes from 32² to 96² px. */
  readonly apMedium: number;
  /** Of boxes from 96² px. */
  readonly apLarge: number;
  /** Average recall with 1 detection an image. */
  readonly ar1: number;
  readonly ar10: number;
  readonly ar100: number;
  readonly arSmall: number;
  readonly arMedium: number;
  readonly arLarge: number;
  /** AP at each of `cocoIouThresholds`. */
  readonly apPerIou: readonly number[];
}

/** The figures over all classes, and of each class. */
export interface CocoMetrics extends CocoFigures {
  readonly perClass: readonly CocoFigures[];
}

/**
 * The COCO metrics of a detector on a data set.
 *
 * Use it on the detections of `decodeDetections`; every AP of the paper's COCO
 * tables is one of these figures. They equal those of pycocotools to 1e-9. Up
 * to 100 detections of a class and image count. Equal scores keep the order of
 * the images and, within an image, of the detections.
 *
 * Where there is no box to be found (a class without ground truth, no small
 * box at all) pycocotools says -1 and this function NaN, which spoils a mean
 * instead of lowering it unseen; JSON writes it as null. A class without ground
 * truth is left out of the means over classes.
 *
 * @param groundTruth What is in each image.
 * @param detections What was found in each image, in the same order.
 * @param options.numClasses Number of classes.
 * @returns The 12 figures of COCO and AP at each IoU, over all classes and of each.
 * @throws {TypeError} If the images, or the fields of an image, differ in number.
 * @throws {RangeError} If a label is not in [0, numClasses), or a coordinate or
 * score is NaN.
 * @see pycocotools 2.0.11 `COCOeval` with `iouType="bbox"`;
 * https://cocodataset.org/#detection-eval
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { evaluateCoco } from "ldlab/eval/coco.ts";
 *
 * const metrics = evaluateCoco(
 *   [{ boxes: [0, 0, 40, 40], labels: [0] }],
 *   [{ boxes: [0, 0, 40, 36], scores: [0.9], labels: [0] }], // IoU 0.9
 *   { numClasses: 2 },
 * );
 * const percent = (value: number) => (100 * value).toFixed(1);
 * assert.equal(percent(metrics.ap50), "100.0");
 * assert.equal(percent(metrics.ap), "90.0"); // found at nine thresholds of ten
 * assert.equal(percent(metrics.perClass[0].apMedium), "90.0");
 * assert.ok(Number.isNaN(metrics.perClass[1].ap));
 * assert.ok(Number.isNaN(metrics.apLarge));
 * ```
 */
export function evaluateCoco(
  groundTruth: readonly CocoGroundTruth[],
  detections: readonly CocoDetections[],
  { numClasses }: { numClasses: number },
): CocoMetrics {
  const curves = cocoPrecisionRecall(groundTruth, detections, { numClasses });
  return {
    ...figures(curves),
    perClass: Array.from(
      { length: numClasses },
      (_, label) => figures(curves, label),
    ),
  };
}

/** The figures of one class, or the means over all. */
function figures(curves: CocoCurves, label?: number): CocoFigures {
  const ap = (area: CocoArea, iouIndex?: number) =>
    averageCocoCurves(curves, "precision", { label, area, iouIndex });
  const ar = (area: CocoArea, maxDetections: number) =>
    averageCocoCurves(curves, "recall", { label, area, maxDetections });
  return {
    ap: ap("all"),
    ap50: ap("all", 0),
    ap75: ap("all", 5),
    apSmall: ap("small"),
    apMedium: ap("medium"),
    apLarge: ap("large"),
    ar1: ar("all", 1),
    ar10: ar("all", 10),
    ar100: ar("all", 100),
    arSmall: ar("small", 100),
    arMedium: ar("medium", 100),
    arLarge: ar("large", 100),
    apPerIou: cocoIouThresholds.map((_, index) => ap("all", index)),
  };
}
