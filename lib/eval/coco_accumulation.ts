import type { CocoMatches } from "./coco_matching.ts";

/** Precision over recall of one class at each IoU threshold. */
export interface CocoCurve {
  /** `[T, 101]`: precision at each of `cocoRecalls`; their mean is AP. */
  readonly precision: Float64Array;
  /** `[T]`: largest recall. */
  readonly recall: Float64Array;
}

/** Where COCO samples precision: the recalls 0, 0.01, ..., 1, as NumPy has them. */
export const cocoRecalls: readonly number[] = Array.from(
  { length: 101 },
  (_, sample) => sample === 100 ? 1 : sample * 0.01,
);

/**
 * Precision over recall of one class over all images.
 *
 * Use it as a step of `cocoPrecisionRecall`. Detections of all images are put
 * in the order of their scores (ties: of the images). Precision p at recall r
 * is made monotone, max over r' >= r, and sampled at 101 recalls:
 *
 *     curve(r) = p(first recall >= r),  r in {0, 0.01, ..., 1}
 *
 * where p is 0 beyond the largest recall.
 *
 * @param matches Of the class's images, in the order of the images.
 * @param options.limit How many detections of each image count.
 * @param options.thresholds How many IoU thresholds were matched.
 * @returns Precision and recall, or `undefined` where there is no box to be found.
 * @see pycocotools 2.0.11 `COCOeval.accumulate`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { accumulateMatches } from "ldlab/eval/coco_accumulation.ts";
 *
 * const matches = {
 *   scores: new Float64Array([0.9, 0.8, 0.7]),
 *   matched: new Uint8Array([1, 0, 1]),
 *   ignored: new Uint8Array(3),
 *   positives: 2,
 * };
 * const curve = accumulateMatches([matches], { limit: 100, thresholds: 1 });
 * // Right, wrong, right: precision 1 up to recall 0.5, then 2/3.
 * assert.equal(curve!.precision[50].toFixed(6), "1.000000");
 * assert.equal(curve!.precision[51].toFixed(6), "0.666667");
 * assert.equal(curve!.recall[0], 1);
 * ```
 */
export function accumulateMatches(
  matches: readonly CocoMatches[],
  { limit, thresholds }: { limit: number; thresholds: number },
): CocoCurve | undefined {
  const positives = matches.reduce((sum, image) => sum + image.positives, 0);
  if (positives === 0) return undefined;
  const counts = matches.map((image) => Math.min(image.scores.length, limit));
  const count = counts.reduce((sum, images) => sum + images, 0);
  const scores = new Float64Array(count);
  // [count, T]: 0 for wrong, 1 for right, 2 and more for ignored.
  const outcomes = new Uint8Array(count * thresholds);
  let next = 0;
  for (const [i, image] of matches.entries()) {
    for (let d = 0; d < counts[i]; d++, next++) {
      scores[next] = image.scores[d];
      for (let t = 0; t < thresholds; t++) {
        const place = t * image.scores.length + d;
        outcomes[next * thresholds + t] = image.matched[place] +
          2 * image.ignored[place];
      }
    }
  }
  const order = new Uint32Array(count).map((_, index) => index)
    .sort((a, b) => scores[b] - scores[a]); // ties stay in order
  const precision = new Float64Array(thresholds * cocoRecalls.length);
  const recall = new Float64Array(thresholds);
  const recalls = new Float64Array(count);
  const precisions = new Float64Array(count);
  for (let t = 0; t < thresholds; t++) {
    let right = 0;
    let wrong = 0;
    for (let i = 0; i < count; i++) {
      const outcome = outcomes[order[i] * thresholds + t];
      if (outcome === 1) right++;
      else if (outcome === 0) wrong++;
      recalls[i] = right / positives;
      precisions[i] = right / (wrong + right + Number.EPSILON);
    }
    recall[t] = right / positives;
    precision.set(sampled(recalls, precisions), t * cocoRecalls.length);
  }
  return { precision, recall };
}

/** The monotone precision at `cocoRecalls`. */
function sampled(recalls: Float64Array, precisions: Float64Array) {
  for (let i = precisions.length - 1; i > 0; i--) {
    precisions[i - 1] = Math.max(precisions[i - 1], precisions[i]);
  }
  const samples = new Float64Array(cocoRecalls.length);
  let place = 0;
  for (const [sample, wanted] of cocoRecalls.entries()) {
    while (place < recalls.length && recalls[place] < wanted) place++;
    if (place === recalls.length) break;
    samples[sample] = precisions[place];
  }
  return samples;
}
