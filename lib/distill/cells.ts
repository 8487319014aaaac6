// B images, A anchors of all levels, K cells of all levels.
import * as tf from "@tensorflow/tfjs-core";
import type { Anchors } from "../boxes/anchors.ts";

/** The cells of all levels, in the order of their anchors. */
export type Cells = Pick<Anchors, "levels" | "count">;

/**
 * Says which cells the anchors of an input lie in, whose features terms look at.
 *
 * @param anchors The anchors of the input's size, any number a cell.
 * @returns Levels as of the anchors, counted in cells.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { cellsOf } from "ldlab/distill/cells.ts";
 *
 * const anchors = makeAnchors({ height: 8, width: 16, strides: [8, 16], ratios: [0.5, 1, 2] });
 * const { levels, count } = cellsOf(anchors);
 * assert.equal(count, 2 + 1);
 * assert.equal(levels[1].start, 2);
 * ```
 */
export function cellsOf(anchors: Anchors): Cells {
  let count = 0;
  const levels = anchors.levels.map((level) => {
    const cells = { ...level, start: count, count: level.height * level.width };
    count += cells.count;
    return cells;
  });
  return { levels, count };
}

/**
 * Takes weights of anchors to their cells: a cell has the largest of its anchors',
 * so it is in a region if any of its anchors is.
 *
 * @param weights [B, A], not negative.
 * @param anchors The anchors of the input's size, any number a cell.
 * @returns [B, K]; the same tensor where every cell has one anchor.
 * @see Wang et al., Distilling Object Detectors with Fine-grained Feature
 * Imitation, https://arxiv.org/abs/1906.03609, section 3.2, whose masks combine a
 * cell's anchors so. No imitation was released for LD on RetinaNet.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { weightsOfCells } from "ldlab/distill/cells.ts";
 *
 * const anchors = makeAnchors({ height: 8, width: 16, strides: [8], ratios: [1, 2] });
 * const cells = weightsOfCells(tf.tensor2d([[0, 0.5, 0, 0]]), anchors);
 * assert.deepEqual(await cells.array(), [[0.5, 0]]);
 * ```
 */
export function weightsOfCells(
  weights: tf.Tensor2D,
  anchors: Anchors,
): tf.Tensor2D {
  const { count, levels } = cellsOf(anchors);
  if (count === anchors.count) return weights;
  const [batch] = weights.shape;
  return tf.tidy(() => {
    const ofLevels = anchors.levels.map(({ start, count }, level) => {
      const cells = levels[level].count;
      const part = tf.slice(weights, [0, start], [batch, count]);
      const ofCells = tf.reshape(part, [batch, cells, count / cells]);
      return tf.max<tf.Tensor2D>(ofCells, -1);
    });
    return tf.concat(ofLevels, 1);
  });
}
