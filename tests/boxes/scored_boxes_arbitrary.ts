import fc from "fast-check";
import { createRandom, uniform } from "ldlab/random/random.ts";

/** Boxes `[N, 4]` with scores and labels `[N]`. */
export interface Scored {
  boxes: Float32Array;
  scores: Float32Array;
  labels: Int32Array;
}

/**
 * Up to 24 boxes on a small grid of integers, so that many meet, also outside
 * the image and of no area or one box twice; scores in (0, 1], all different.
 */
export function scoredBoxes(): fc.Arbitrary<Scored> {
  const side = fc.integer({ min: -8, max: 8 });
  const size = fc.integer({ min: 0, max: 8 });
  const label = fc.integer({ min: 0, max: 2 });
  return fc.array(fc.tuple(side, side, size, size, label), { maxLength: 24 })
    .chain((rows) =>
      fc.uniqueArray(fc.integer({ min: 1, max: 1024 }), {
        minLength: rows.length,
        maxLength: rows.length,
      }).map((parts) => ({
        boxes: Float32Array.from(
          rows.flatMap(([x, y, w, h]) => [x, y, x + w, y + h]),
        ),
        scores: Float32Array.from(parts, (part) => part / 1024),
        labels: Int32Array.from(rows, (row) => row[4]),
      }))
    );
}

/** The same in another order; row i of it is row `order[i]` of what was given. */
export function permuted(
  { boxes, scores, labels }: Scored,
  seed: number,
): Scored & { order: number[] } {
  const random = createRandom(seed);
  const order = Array.from(scores, (_, i) => [uniform(random, 0, 1), i])
    .sort(([a], [b]) => a - b).map(([, i]) => i);
  return {
    order,
    boxes: Float32Array.from(
      order.flatMap((i) => [...boxes.subarray(i * 4, i * 4 + 4)]),
    ),
    scores: Float32Array.from(order, (i) => scores[i]),
    labels: Int32Array.from(order, (i) => labels[i]),
  };
}
