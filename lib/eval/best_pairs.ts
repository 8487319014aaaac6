// A anchors of all levels, C classes.
const round = Math.fround;

/** An anchor and a class, and how likely its box is of that class. */
export interface ScoredPair {
  /** `anchor * C + class`. */
  readonly pair: number;
  /** In [0, 1], float32. */
  readonly score: number;
}

/**
 * The (anchor, class) pairs with the best scores above a threshold: what a
 * detector keeps of a level before its boxes are decoded.
 *
 * @param values `[A, C]`: logits, whose sigmoid is the score, or scores.
 * @param options.are Which of the two they are.
 * @param options.classes C.
 * @param options.level Which of the anchors are looked at.
 * @param options.threshold Scores must be above it.
 * @param options.limit So many at most.
 * @param options.valid `[A]`: 0 for anchors that take no part; all do unless given.
 * @returns The pairs, best first, ties in the order of the pairs. Where a value is
 * NaN there is none.
 * @see MMDetection 3.3.0 `filter_scores_and_topk`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { bestPairs } from "ldlab/eval/best_pairs.ts";
 *
 * const scores = new Float32Array([0.25, 0.75, 0.5, 0]);
 * const best = bestPairs(scores, {
 *   are: "scores", classes: 2, level: { start: 0, count: 2 }, threshold: 0.1, limit: 2,
 * });
 * assert.deepEqual(best, [{ pair: 1, score: 0.75 }, { pair: 2, score: 0.5 }]);
 * ```
 */
export function bestPairs(
  values: Float32Array,
  { are, classes, level, threshold, limit, valid }: {
    are: "logits" | "scores";
    classes: number;
    level: { readonly start: number; readonly count: number };
    threshold: number;
    limit: number;
    valid?: Uint8Array;
  },
): ScoredPair[] {
  const least = round(threshold);
  // Most logits are far below: no exponential is taken of those.
  const lowest = are === "logits" ? logitBelow(least) : least;
  const pairs: ScoredPair[] = [];
  const end = level.start + level.count;
  for (let anchor = level.start; anchor < end; anchor++) {
    if (valid?.[anchor] === 0) continue;
    for (let pair = anchor * classes; pair < (anchor + 1) * classes; pair++) {
      const value = values[pair];
      if (value < lowest) continue;
      const score = are === "logits" ? sigmoid(value) : value;
      if (score > least) pairs.push({ pair, score });
    }
  }
  return pairs.sort((a, b) => b.score - a.score).slice(0, limit);
}

/** 1 / (1 + exp(-logit)), as float32. */
export function sigmoid(logit: number): number {
  return round(1 / (1 + Math.exp(-logit)));
}

/** A logit that is safely below those whose score is above the threshold. */
function logitBelow(threshold: number): number {
  const inside = threshold > 0 && threshold < 1;
  return inside ? Math.log(threshold / (1 - threshold)) - 0.01 : -Infinity;
}
