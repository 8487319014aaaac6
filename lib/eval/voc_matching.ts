/** Boxes of one class in one image, ready to be matched. */
export interface VocPair {
  /** `[G, 4]`: x1, y1, x2, y2. */
  readonly truths: Float32Array;
  /** `[G]`: not 0 for a box that need not be found. */
  readonly difficult: ArrayLike<number>;
  /** `[D, 4]`, highest score first. */
  readonly found: Float32Array;
}

/** What became of a detection. */
export const vocOutcomes = { wrong: 0, right: 1, ignored: 2 } as const;

/**
 * Matches the detections of one class in one image with its ground truth.
 *
 * Use it as a step of `evaluateVoc`. Each detection is held to the one box it
 * overlaps most, taken or not (among equals the first, difficult ones last),
 *
 *     wrong    IoU < threshold, or the box was found before
 *     ignored  IoU >= threshold with a difficult box, any number of times
 *     right    IoU >= threshold with a box not found before
 *
 * IoU is of float32, with a union of at least 1e-6, and compared with the
 * threshold in float32.
 *
 * @param pair The boxes of one class in one image in pixels.
 * @param options.iouThresholds `[T]` in (0, 1].
 * @param options.legacyCoordinates Count the pixels of both edges: sides are
 * x2 - x1 + 1.
 * @returns `[T, D]`: one of `vocOutcomes`.
 * @see MMDetection 3.3.0 `tpfp_default` and the NumPy `bbox_overlaps`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { matchVocDetections, vocOutcomes } from "ldlab/eval/voc_matching.ts";
 *
 * const { wrong, right } = vocOutcomes;
 * const outcomes = matchVocDetections({
 *   truths: new Float32Array([0, 0, 4, 4]),
 *   difficult: [0],
 *   found: new Float32Array([0, 0, 4, 3, 0, 0, 4, 4]), // IoU 3/4 and 1
 * }, { iouThresholds: [0.5, 0.9], legacyCoordinates: false });
 * assert.deepEqual([...outcomes], [right, wrong, wrong, right]);
 * ```
 */
export function matchVocDetections(
  { truths, difficult, found }: VocPair,
  { iouThresholds, legacyCoordinates }: {
    iouThresholds: readonly number[];
    legacyCoordinates: boolean;
  },
): Uint8Array {
  const count = found.length / 4;
  const order = [...Array(difficult.length).keys()]
    .sort((a, b) => Number(difficult[a] !== 0) - Number(difficult[b] !== 0));
  const bestIou = new Float32Array(count);
  const bestTruth = new Int32Array(count);
  const extra = legacyCoordinates ? 1 : 0;
  for (let d = 0; d < count; d++) {
    let best = -1;
    for (const g of order) {
      const iou = overlap(found, d * 4, truths, g * 4, extra);
      if (iou <= best) continue;
      best = iou;
      bestTruth[d] = g;
    }
    bestIou[d] = best;
  }
  const outcomes = new Uint8Array(iouThresholds.length * count);
  const taken = new Uint8Array(difficult.length);
  for (const [t, threshold] of iouThresholds.entries()) {
    taken.fill(0);
    for (let d = 0; d < count; d++) {
      if (bestIou[d] < Math.fround(threshold)) continue;
      const g = bestTruth[d];
      if (difficult[g]) outcomes[t * count + d] = vocOutcomes.ignored;
      else if (!taken[g]) outcomes[t * count + d] = vocOutcomes.right;
      taken[g] = 1;
    }
  }
  return outcomes;
}

const round = Math.fround;

/** IoU of two boxes, every step rounded to float32 as NumPy rounds it. */
function overlap(
  a: Float32Array,
  i: number,
  b: Float32Array,
  j: number,
  extra: number,
): number {
  const side = (from: number, to: number) => round(round(to - from) + extra);
  const area = (box: Float32Array, at: number) =>
    round(side(box[at], box[at + 2]) * side(box[at + 1], box[at + 3]));
  const width = side(Math.max(a[i], b[j]), Math.min(a[i + 2], b[j + 2]));
  const height = side(
    Math.max(a[i + 1], b[j + 1]),
    Math.min(a[i + 3], b[j + 3]),
  );
  const shared = round(Math.max(width, 0) * Math.max(height, 0));
  const union = round(round(area(a, i) + area(b, j)) - shared);
  return round(shared / Math.max(union, round(1e-6)));
}
