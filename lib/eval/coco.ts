import { accumulateMatches, type CocoCurve } from "./coco_accumulation.ts";
import {
  type CocoMatches,
  cocoOverlaps,
  type CocoPair,
  matchDetections,
} from "./coco_matching.ts";

/** What is in one image; records of a data set fit as they are. */
export interface CocoGroundTruth {
  /** `[G, 4]`: x1, y1, x2, y2 in pixels of the original image. */
  readonly boxes: ArrayLike<number>;
  /** `[G]`: class of each box, from 0. */
  readonly labels: ArrayLike<number>;
  /** `[G]`: area that decides the size of each box; width * height by default. */
  readonly areas?: ArrayLike<number>;
  /** `[G]`: not 0 for a box around a crowd; none by default. */
  readonly crowd?: ArrayLike<number>;
}

/** What was found in one image, in any order; `Detections` fit as they are. */
export interface CocoDetections {
  /** `[N, 4]`: x1, y1, x2, y2 in pixels of the original image. */
  readonly boxes: ArrayLike<number>;
  /** `[N]`. */
  readonly scores: ArrayLike<number>;
  /** `[N]`: class of each box, from 0. */
  readonly labels: ArrayLike<number>;
}

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

/** The IoU thresholds of COCO: 0.50, 0.55, ..., 0.95, bit by bit as NumPy has them. */
export const cocoIouThresholds: readonly number[] = Array.from(
  { length: 10 },
  (_, index) => index === 9 ? 0.95 : 0.5 + index * ((0.95 - 0.5) / 9),
);

const areaRanges = {
  all: [0, 1e10],
  small: [0, 32 ** 2],
  medium: [32 ** 2, 96 ** 2],
  large: [96 ** 2, 1e10],
} as const;

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
 * @throws {RangeError} If a label is not in [0, numClasses).
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
  if (groundTruth.length !== detections.length) {
    throw new TypeError(
      `Cannot evaluate: there must be detections for each of the ` +
        `${groundTruth.length} images: current number is ${detections.length}`,
    );
  }
  for (const [index, image] of groundTruth.entries()) {
    checkImage(`ground truth of image ${index}`, image, numClasses);
    checkImage(`detections of image ${index}`, detections[index], numClasses);
  }
  const truths = groundTruth.map(({ labels }) =>
    indicesOfLabels(labels, [...Array(labels.length).keys()])
  );
  const found = detections.map(({ labels, scores }) =>
    indicesOfLabels(
      labels,
      [...Array(labels.length).keys()].sort((a, b) => scores[b] - scores[a]),
    )
  );
  const curves = Array.from({ length: numClasses }, (_, label) => {
    const pairs = groundTruth.flatMap((image, i) => {
      const [some, others] = [truths[i].get(label), found[i].get(label)];
      if (some === undefined && others === undefined) return [];
      return [selectBoxes(image, some ?? [], detections[i], others ?? [])];
    });
    return classCurves(pairs);
  });
  return {
    ...figures(curves),
    perClass: curves.map((curve) => figures([curve])),
  };
}

/** The curves of a class that the figures are read from. */
interface ClassCurves {
  readonly all: CocoCurve | undefined;
  readonly small: CocoCurve | undefined;
  readonly medium: CocoCurve | undefined;
  readonly large: CocoCurve | undefined;
  readonly best1: CocoCurve | undefined;
  readonly best10: CocoCurve | undefined;
}

function classCurves(pairs: readonly CocoPair[]): ClassCurves {
  const images = pairs.map((pair) => ({ pair, overlaps: cocoOverlaps(pair) }));
  const match = (areaRange: readonly [number, number]) =>
    images.map(({ pair, overlaps }) =>
      matchDetections(pair, overlaps, {
        iouThresholds: cocoIouThresholds,
        areaRange,
      })
    );
  const curve = (matches: readonly CocoMatches[], limit: number) =>
    accumulateMatches(matches, {
      limit,
      thresholds: cocoIouThresholds.length,
    });
  const all = match(areaRanges.all);
  return {
    all: curve(all, 100),
    small: curve(match(areaRanges.small), 100),
    medium: curve(match(areaRanges.medium), 100),
    large: curve(match(areaRanges.large), 100),
    best1: curve(all, 1),
    best10: curve(all, 10),
  };
}

/** The boxes of one class in one image: truths and, best first, detections. */
function selectBoxes(
  image: CocoGroundTruth,
  truths: readonly number[],
  detections: CocoDetections,
  found: readonly number[],
): CocoPair {
  const best = found.slice(0, 100);
  const truthBoxes = rows(image.boxes, truths);
  const areas = truths.map((index, place) => {
    if (image.areas) return image.areas[index];
    const [x1, y1, x2, y2] = truthBoxes.subarray(place * 4, place * 4 + 4);
    return (x2 - x1) * (y2 - y1);
  });
  return {
    truths: truthBoxes,
    areas: new Float64Array(areas),
    crowd: new Uint8Array(truths.map((index) => image.crowd?.[index] ? 1 : 0)),
    found: rows(detections.boxes, best),
    scores: new Float64Array(best.map((index) => detections.scores[index])),
  };
}

/** Each label's indices, in the order they are given. */
function indicesOfLabels(
  labels: ArrayLike<number>,
  order: readonly number[],
): Map<number, number[]> {
  const indices = new Map<number, number[]>();
  for (const index of order) {
    const same = indices.get(labels[index]);
    if (same === undefined) indices.set(labels[index], [index]);
    else same.push(index);
  }
  return indices;
}

function rows(
  boxes: ArrayLike<number>,
  indices: readonly number[],
): Float64Array {
  const result = new Float64Array(indices.length * 4);
  for (let place = 0; place < result.length; place++) {
    result[place] = boxes[indices[place >> 2] * 4 + place % 4];
  }
  return result;
}

function figures(curves: readonly ClassCurves[]): CocoFigures {
  const pick = (
    name: keyof ClassCurves,
    value: "precision" | "recall",
    at?: number,
  ) =>
    mean(curves.flatMap((curve) => {
      const values = curve[name]?.[value];
      if (values === undefined) return [];
      return at === undefined ? [...values] : [values[at]];
    }));
  return {
    ap: pick("all", "precision"),
    ap50: pick("all", "precision", 0),
    ap75: pick("all", "precision", 5),
    apSmall: pick("small", "precision"),
    apMedium: pick("medium", "precision"),
    apLarge: pick("large", "precision"),
    ar1: pick("best1", "recall"),
    ar10: pick("best10", "recall"),
    ar100: pick("all", "recall"),
    arSmall: pick("small", "recall"),
    arMedium: pick("medium", "recall"),
    arLarge: pick("large", "recall"),
    apPerIou: cocoIouThresholds.map((_, at) => pick("all", "precision", at)),
  };
}

/** NaN of nothing. */
function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function checkImage(
  what: string,
  image: CocoGroundTruth & { scores?: ArrayLike<number> },
  numClasses: number,
): void {
  const count = image.labels.length;
  const lengths = {
    boxes: image.boxes.length / 4,
    areas: image.areas?.length,
    crowd: image.crowd?.length,
    scores: image.scores?.length,
  };
  for (const [field, length] of Object.entries(lengths)) {
    if (length !== undefined && length !== count) {
      throw new TypeError(
        `Cannot evaluate: ${what} must have ${count} ${field}, one for each ` +
          `label: current number is ${length}`,
      );
    }
  }
  for (let index = 0; index < count; index++) {
    const label = image.labels[index];
    if (!(label >= 0 && label < numClasses)) {
      throw new RangeError(
        `Cannot evaluate: labels in the ${what} must be in [0, ${numClasses}): ` +
          `current value is ${label}`,
      );
    }
  }
}
