// G ground-truth boxes and N detections of an image, D detections of a class.
import { averagePrecision, type Interpolation } from "./average_precision.ts";
import { bestByLabel, indicesByLabel, pickBoxes } from "./boxes_by_class.ts";
import type { CocoDetections } from "./coco_images.ts";
import { requireEvaluable } from "./evaluation_guard.ts";
import { matchVocDetections, vocOutcomes } from "./voc_matching.ts";

/** What is in one image; records of a data set fit as they are. */
export interface VocGroundTruth {
  /** `[G, 4]`: x1, y1, x2, y2 in pixels of the original image. */
  readonly boxes: ArrayLike<number>;
  /** `[G]`: class of each box, from 0. */
  readonly labels: ArrayLike<number>;
  /** `[G]`: not 0 for a box that need not be found; none by default. */
  readonly difficult?: ArrayLike<number>;
}

/** One row of VOC's table. */
export interface VocClass {
  /** Boxes to be found, without the difficult ones. */
  readonly gts: number;
  readonly dets: number;
  /** Share of the boxes that were found; NaN where there is none. */
  readonly recall: number;
  /** Average precision; NaN where there is no box to be found. */
  readonly ap: number;
}

/** VOC's table at one IoU threshold. */
export interface VocTable {
  readonly iouThreshold: number;
  /** Mean over the classes with boxes to be found; NaN where there is none. */
  readonly ap: number;
  readonly perClass: readonly VocClass[];
}

/** AP in [0, 1], and what it is made of. */
export interface VocMetrics {
  /** Mean over the IoU thresholds. */
  readonly ap: number;
  /** A table for each IoU threshold: AP50 is `perIou[0].ap`, AP75 `perIou[5].ap`. */
  readonly perIou: readonly VocTable[];
}

/** Options of {@linkcode evaluateVoc}. */
export interface VocMetricsOptions {
  readonly numClasses: number;
  readonly interpolation?: Interpolation;
  readonly iouThresholds?: readonly number[];
  readonly legacyCoordinates?: boolean;
}

/** The IoU thresholds of LD's tables: 0.50, 0.55, ..., 0.95. */
export const vocIouThresholds: readonly number[] = Array.from(
  { length: 10 },
  (_, index) => (50 + 5 * index) / 100,
);

/**
 * The Pascal VOC metrics of a detector on a data set.
 *
 * Use it for LD's VOC tables: AP is the mean over ten IoU thresholds, AP50 to
 * AP95 are those of one. Unlike `evaluateCoco`, all detections count, each is
 * held to the box it overlaps most even when that is taken, and difficult boxes
 * swallow detections.
 *
 *     AP = mean over thresholds of mean over classes of AP(class, threshold)
 *
 * A class without any box to be found is left out of the means. Its AP and
 * recall are NaN here, as in `evaluateCoco`, and 0 in MMDetection, whose mean
 * over no classes is 0 too. Equal scores keep the order of the images and,
 * within an image, of the detections; NumPy's sort leaves theirs open.
 *
 * @param groundTruth What is in each image.
 * @param detections What was found in each image, in the same order.
 * @param options.numClasses Number of classes.
 * @param options.interpolation `"11points"` (VOC 2007, and LD's tables) by
 * default, or `"area"` (VOC 2010 on).
 * @param options.iouThresholds In (0, 1]; `vocIouThresholds` by default.
 * @param options.legacyCoordinates Sides are x2 - x1 + 1, as in VOC's own
 * development kit and MMDetection 3's `VOCMetric`; false by default, as in
 * MMDetection 2.10, on which LD's repository stands.
 * @returns AP and the table of each threshold.
 * @throws {TypeError} If the images, or the fields of an image, differ in number.
 * @throws {RangeError} If a label is not in [0, numClasses), a coordinate or
 * score is NaN, or an option makes no sense.
 * @see MMDetection 3.3.0 `eval_map`, equal to 1e-6. LD's `VOCDataset` calls it
 * ten times, the threshold growing by 0.05 in float64 (0.6000000000000001, ...).
 * IoU is float32: NumPy 2 compares in float32, where that noise vanishes, and so
 * does this function; NumPy 1 compares in float64, where an IoU of just 0.75
 * misses 0.7500000000000002. The per-class table of LD's README is that of the
 * last threshold, 0.95.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { evaluateVoc } from "ldlab/eval/voc.ts";
 *
 * const { ap, perIou } = evaluateVoc(
 *   [{ boxes: [0, 0, 40, 40, 90, 90, 99, 99], labels: [0, 0], difficult: [0, 1] }],
 *   [{ boxes: [0, 0, 40, 36], scores: [0.9], labels: [0] }], // IoU 0.9
 *   { numClasses: 2 },
 * );
 * assert.equal(ap.toFixed(3), "0.900"); // found at nine thresholds of ten
 * assert.deepEqual(perIou[0].perClass[0], { gts: 1, dets: 1, recall: 1, ap: 1 });
 * assert.ok(Number.isNaN(perIou[0].perClass[1].ap));
 * ```
 */
export function evaluateVoc(
  groundTruth: readonly VocGroundTruth[],
  detections: readonly CocoDetections[],
  {
    numClasses,
    interpolation = "11points",
    iouThresholds = vocIouThresholds,
    legacyCoordinates = false,
  }: VocMetricsOptions,
): VocMetrics {
  requireEvaluable(groundTruth, detections, {
    numClasses,
    fields: ["difficult"],
  });
  const inside = iouThresholds.every((value) => value > 0 && value <= 1);
  if (!inside || iouThresholds.length === 0) {
    throw new RangeError(
      "Cannot evaluate: iouThresholds must be in (0, 1], at least one: " +
        `current value is [${iouThresholds.join(", ")}]`,
    );
  }
  const truths = groundTruth.map(({ labels }) => indicesByLabel(labels));
  const found = detections.map(bestByLabel);
  const classes = Array.from({ length: numClasses }, (_, label) => {
    let gts = 0;
    const images: ImageMatches[] = [];
    for (const [i, { boxes, difficult }] of groundTruth.entries()) {
      const own = truths[i].get(label) ?? [];
      const hard = own.map((index) => difficult?.[index] ?? 0);
      gts += hard.filter((value) => value === 0).length;
      const best = found[i].get(label);
      if (best === undefined) continue;
      images.push({
        scores: best.map((index) => detections[i].scores[index]),
        outcomes: matchVocDetections({
          truths: Float32Array.from(pickBoxes(boxes, own)),
          difficult: hard,
          found: Float32Array.from(pickBoxes(detections[i].boxes, best)),
        }, { iouThresholds, legacyCoordinates }),
      });
    }
    return classRows(images, gts, { iouThresholds, interpolation });
  });
  const perIou = iouThresholds.map((iouThreshold, t) => {
    const perClass = classes.map((rows) => rows[t]);
    const counted = perClass.filter(({ gts }) => gts > 0);
    return { iouThreshold, ap: mean(counted.map(({ ap }) => ap)), perClass };
  });
  return { ap: mean(perIou.map(({ ap }) => ap)), perIou };
}

/** How the detections of one class in one image fared. */
interface ImageMatches {
  /** `[N]`, falling. */
  readonly scores: readonly number[];
  /** `[T, N]`: one of `vocOutcomes`. */
  readonly outcomes: Uint8Array;
}

/** The rows of one class, a threshold each. */
function classRows(
  images: readonly ImageMatches[],
  gts: number,
  { iouThresholds, interpolation }: {
    iouThresholds: readonly number[];
    interpolation: Interpolation;
  },
): VocClass[] {
  const ranked = images.flatMap(({ scores, outcomes }) =>
    scores.map((score, place) => ({
      score,
      outcomeAt: (t: number) => outcomes[t * scores.length + place],
    }))
  ).sort((a, b) => b.score - a.score); // ties stay in order
  const dets = ranked.length;
  return iouThresholds.map((_, t) => {
    if (gts === 0) return { gts, dets, recall: NaN, ap: NaN };
    const recalls = new Float64Array(dets);
    const precisions = new Float64Array(dets);
    let right = 0;
    let wrong = 0;
    for (const [rank, { outcomeAt }] of ranked.entries()) {
      const outcome = outcomeAt(t);
      if (outcome === vocOutcomes.right) right++;
      else if (outcome === vocOutcomes.wrong) wrong++;
      recalls[rank] = right / gts;
      precisions[rank] = right / Math.max(right + wrong, 1);
    }
    const ap = averagePrecision(recalls, precisions, interpolation);
    return { gts, dets, recall: right / gts, ap };
  });
}

/** NaN of nothing. */
function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
