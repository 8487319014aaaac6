/**
 * The switch between boxes as distributions of their sides and as distributions
 * of their centre and size, as tensors. For single numbers see center_size.ts.
 */
import * as tf from "@tensorflow/tfjs-core";
import { joinHalves, splitHalves } from "./halves.ts";
import { shapeError } from "./shape_guard.ts";

/** Boxes as distributions of centre and size, seen from a location. */
export interface CenterSizeDistributions {
  /** Of x and y, [..., 2, m]; the bins are symmetric about 0. */
  center: tf.Tensor;
  /** Of w and h, [..., 2, k]; bins twice as far apart as the centre's. */
  size: tf.Tensor;
}

/**
 * Switches distributions of centre and size to distributions of sides. Use it
 * to distil a detector that regresses centre and size: the paper switches to
 * sides first, whose four distributions share one range.
 *
 * p_l = distribution of w / 2 − x, p_r of w / 2 + x, x and w independent; top
 * and bottom alike
 *
 * The paper says that it switches, not how; that centre and size count as
 * independent is our reading. Means switch exactly, as
 * {@linkcode centerSizeToSides} does. For LD take the logarithms as logits, of
 * probabilities of at least 1e-12 or so.
 *
 * @param distributions Of x and y [..., 2, m] on [−c, c], and of w and h
 * [..., 2, k] on [s, S], bins of size twice as far apart as those of the centre:
 * (S − s) / (k − 1) = 2 · 2c / (m − 1).
 * @returns Left, top, right, bottom, [..., 4, m + k − 1] on [s / 2 − c, S / 2 + c].
 * @throws {TypeError} If the shapes do not fit together.
 * @see Zheng et al., Localization Distillation for Dense Object Detection, CVPR
 * 2022, section 3.2
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { switchToSides } from "ldlab/boxes/switch_distributions.ts";
 *
 * // x and y are -1, 0 or 1; w and h 0, 2 or 4. Here x = 1 and w = 4 for sure.
 * const center = tf.tensor2d([[0, 0, 1], [0, 1, 0]]);
 * const size = tf.tensor2d([[0, 0, 1], [0, 0.5, 0.5]]);
 * const sides = await switchToSides({ center, size }).array();
 * assert.deepEqual(sides, [ // bins -1 to 3
 *   [0, 0, 1, 0, 0], [0, 0, 0.5, 0.5, 0], [0, 0, 0, 0, 1], [0, 0, 0.5, 0.5, 0],
 * ]);
 * ```
 */
export function switchToSides(
  { center, size }: CenterSizeDistributions,
): tf.Tensor {
  const task = "switch to sides";
  requireDistributions(task, "distributions of the centre", center, 2);
  requireDistributions(task, "distributions of the size", size, 2);
  if (
    !tf.util.arraysEqual(center.shape.slice(0, -1), size.shape.slice(0, -1))
  ) {
    const expected = `[${[...center.shape.slice(0, -1), "k"].join(", ")}]`;
    throw shapeError(
      task,
      "distributions of the size",
      `${expected} as there are centres`,
      size,
    );
  }
  return tf.tidy(() => {
    const low = sumOf(size, tf.reverse(center, -1)); // w / 2 − x
    const high = sumOf(size, center);
    const flat = low.shape.slice(0, -2);
    const n = low.shape.at(-1)!;
    const [left, right] = [low, high].map((p) =>
      tf.reshape(p, [...flat, 2 * n])
    );
    return tf.reshape(joinHalves(left, right), [...flat, 4, n]);
  });
}

/**
 * Switches distributions of sides to distributions of centre and size. Use it to
 * compare a detector of sides with one of centre and size; the counterpart of
 * {@linkcode switchToSides}, and its inverse where one bin has all the mass.
 *
 * p_x = distribution of (r − l) / 2, p_w of l + r, l and r independent; y and h
 * alike
 *
 * @param sides Left, top, right, bottom, [..., 4, n] on [0, d].
 * @returns Of x and y, [..., 2, 2n − 1] on [−d / 2, d / 2], and of w and h,
 * [..., 2, 2n − 1] on [0, 2d].
 * @throws {TypeError} If the sides are not [..., 4, n].
 * @see Zheng et al., Localization Distillation for Dense Object Detection, CVPR
 * 2022, section 3.2; that opposite sides count as independent is our reading
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { switchToCenterSize } from "ldlab/boxes/switch_distributions.ts";
 *
 * // Left 0 and right 1 for sure; top 0 or 1, bottom 1.
 * const sides = tf.tensor2d([[1, 0], [0.5, 0.5], [0, 1], [0, 1]]);
 * const { center, size } = switchToCenterSize(sides);
 * // x = 1/2, y = 0 or 1/2; w = 1, h = 1 or 2.
 * assert.deepEqual(await center.array(), [[0, 0, 1], [0, 0.5, 0.5]]);
 * assert.deepEqual(await size.array(), [[0, 1, 0], [0, 0.5, 0.5]]);
 * ```
 */
export function switchToCenterSize(sides: tf.Tensor): CenterSizeDistributions {
  const task = "switch to centre and size";
  requireDistributions(task, "distributions of the sides", sides, 4);
  return tf.tidy(() => {
    const [low, high] = splitHalves(sides, -2); // [..., 2, n] each
    return {
      center: sumOf(high, tf.reverse(low, -1)),
      size: sumOf(low, high),
    };
  });
}

/**
 * The distribution of the sum of two independent numbers, bins equally far
 * apart: [..., n] and [..., m] to [..., n + m − 1].
 */
function sumOf(p: tf.Tensor, q: tf.Tensor): tf.Tensor {
  const rows = p.shape.slice(0, -1);
  const count = tf.util.sizeFromShape(rows);
  const [n, m] = [p.shape.at(-1)!, q.shape.at(-1)!];
  // Row i of the products, for bin i of the first, is to be shifted by i. With n
  // zeros after each row, cutting them into rows one shorter does that.
  const products = tf.mul(
    tf.reshape(p, [count, n, 1]),
    tf.reshape(q, [count, 1, m]),
  );
  const padded = tf.pad(products, [[0, 0], [0, 0], [0, n]]);
  const flat = tf.reshape(padded, [count, n * (n + m)]);
  const cut = tf.slice(flat, [0, 0], [count, n * (n + m - 1)]);
  const shifted = tf.reshape(cut, [count, n, n + m - 1]);
  return tf.reshape(tf.sum(shifted, 1), [...rows, n + m - 1]);
}

function requireDistributions(
  task: string,
  what: string,
  p: tf.Tensor,
  count: number,
): void {
  if (p.shape.at(-2) === count && p.shape.at(-1)) return;
  throw shapeError(task, what, `[..., ${count}, n]`, p);
}
