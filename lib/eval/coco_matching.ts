/** Boxes of one class in one image, ready to be matched. */
export interface CocoPair {
  /** `[G, 4]`: x1, y1, x2, y2. */
  readonly truths: Float64Array;
  /** `[G]`: area that decides the size of a box. */
  readonly areas: Float64Array;
  /** `[G]`: 1 for a box around a crowd. */
  readonly crowd: Uint8Array;
  /** `[D, 4]`, highest score first. */
  readonly found: Float64Array;
  /** `[D]`, falling. */
  readonly scores: Float64Array;
}

/** How the detections of one class in one image fared. */
export interface CocoMatches {
  /** `[D]`, falling. */
  readonly scores: Float64Array;
  /** `[T, D]`: 1 where the detection found a box. */
  readonly matched: Uint8Array;
  /** `[T, D]`: 1 where the detection counts neither as right nor as wrong. */
  readonly ignored: Uint8Array;
  /** Boxes to be found. */
  readonly positives: number;
}

/**
 * Overlaps of detections with ground-truth boxes as COCO defines them.
 *
 * Use it once for a class of an image; `matchDetections` takes it for every
 * size. It is IoU, and for a crowd the intersection over the detection's area,
 * in float64 without any epsilon.
 *
 * @param pair The boxes of one class in one image, any unit.
 * @returns `[D, G]` row-major in [0, 1].
 * @see pycocotools 2.0.11 `maskApi.c`, `bbIou`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { cocoOverlaps } from "ldlab/eval/coco_matching.ts";
 *
 * const overlaps = cocoOverlaps({
 *   truths: new Float64Array([0, 0, 4, 4, 0, 0, 4, 4]),
 *   areas: new Float64Array([16, 16]),
 *   crowd: new Uint8Array([0, 1]),
 *   found: new Float64Array([0, 0, 2, 4]),
 *   scores: new Float64Array([0.9]),
 * });
 * assert.deepEqual([...overlaps], [0.5, 1]);
 * ```
 */
export function cocoOverlaps({ truths, crowd, found }: CocoPair): Float64Array {
  const columns = crowd.length;
  const rows = found.length / 4;
  const overlaps = new Float64Array(rows * columns);
  for (let g = 0; g < columns; g++) {
    const [u1, v1, u2, v2] = truths.subarray(g * 4, g * 4 + 4);
    const other = (u2 - u1) * (v2 - v1);
    for (let d = 0; d < rows; d++) {
      const [x1, y1, x2, y2] = found.subarray(d * 4, d * 4 + 4);
      const area = (x2 - x1) * (y2 - y1);
      const width = Math.min(x2, u2) - Math.max(x1, u1);
      const height = Math.min(y2, v2) - Math.max(y1, v1);
      if (width <= 0 || height <= 0) continue;
      const intersection = width * height;
      const union = crowd[g] ? area : area + other - intersection;
      overlaps[d * columns + g] = intersection / union;
    }
  }
  return overlaps;
}

/**
 * Matches the detections of one class in one image with its ground truth.
 *
 * Use it as a step of `cocoPrecisionRecall`. At every IoU threshold t, detections
 * choose in the order of their scores, each the free box it overlaps most and
 * at least by min(t, 1 - 1e-10); among equals the last. Crowds and boxes
 * outside the range of areas are chosen only where nothing else is, may be
 * ignored, and a crowd may be chosen again and again. A detection that chose
 * such a box is ignored, and so is one that chose none and is itself outside
 * the range.
 *
 * @param pair The boxes of one class in one image, any unit.
 * @param overlaps `[D, G]`, of `cocoOverlaps`.
 * @param iouThresholds `[T]`.
 * @param areaRange Smallest and largest area that count, both inclusive.
 * @returns What became of each detection at each threshold.
 * @see pycocotools 2.0.11 `COCOeval.evaluateImg`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { cocoOverlaps, matchDetections } from "ldlab/eval/coco_matching.ts";
 *
 * const pair = {
 *   truths: new Float64Array([0, 0, 4, 4]),
 *   areas: new Float64Array([16]),
 *   crowd: new Uint8Array([0]),
 *   found: new Float64Array([0, 0, 4, 3, 0, 0, 4, 4]),
 *   scores: new Float64Array([0.9, 0.8]),
 * };
 * const { matched } = matchDetections(pair, cocoOverlaps(pair), {
 *   iouThresholds: [0.5, 0.9],
 *   areaRange: [0, 1e10],
 * });
 * assert.deepEqual([...matched], [1, 0, 0, 1]); // at 0.5, then at 0.9
 * ```
 */
export function matchDetections(
  { areas, crowd, found, scores }: CocoPair,
  overlaps: Float64Array,
  { iouThresholds, areaRange: [smallest, largest] }: {
    iouThresholds: readonly number[];
    areaRange: readonly [number, number];
  },
): CocoMatches {
  const columns = areas.length;
  const rows = scores.length;
  const outside = (area: number) => area < smallest || area > largest;
  const matched = new Uint8Array(iouThresholds.length * rows);
  const ignored = new Uint8Array(iouThresholds.length * rows);
  for (let d = 0; d < rows; d++) {
    const width = found[d * 4 + 2] - found[d * 4];
    const height = found[d * 4 + 3] - found[d * 4 + 1];
    if (!outside(width * height)) continue;
    for (let t = 0; t < iouThresholds.length; t++) ignored[t * rows + d] = 1;
  }
  if (columns === 0) return { scores, matched, ignored, positives: 0 };

  const skip: (0 | 1)[] = [];
  const order: number[] = []; // those to be skipped last
  for (let g = 0; g < columns; g++) {
    skip.push(crowd[g] || outside(areas[g]) ? 1 : 0);
    if (!skip[g]) order.push(g);
  }
  const positives = order.length;
  for (let g = 0; g < columns; g++) if (skip[g]) order.push(g);
  const taken = new Uint8Array(columns);
  for (let t = 0; t < iouThresholds.length; t++) {
    taken.fill(0);
    for (let d = 0; d < rows; d++) {
      let best = -1;
      let bestOverlap = Math.min(iouThresholds[t], 1 - 1e-10);
      for (const g of order) {
        if (taken[g] && !crowd[g]) continue;
        if (best >= 0 && !skip[best] && skip[g]) break;
        if (overlaps[d * columns + g] < bestOverlap) continue;
        bestOverlap = overlaps[d * columns + g];
        best = g;
      }
      if (best < 0) continue;
      taken[best] = 1;
      matched[t * rows + d] = 1;
      ignored[t * rows + d] = skip[best];
    }
  }
  return { scores, matched, ignored, positives };
}
