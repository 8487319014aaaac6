import type { AnchorLevel, Anchors } from "../boxes/anchors.ts";
import type { ImageSize } from "../boxes/clip_boxes.ts";
import { requireFit } from "./fit_guard.ts";
import type { GroundTruth } from "./ground_truth.ts";

const round = Math.fround;

/**
 * FGD's foreground: the cells objects cover, each object with the same weight
 * in all however large it is.
 *
 * Use it for the foreground part of focal distillation, with `fgdBackground`.
 * On each level of H by W cells a box is scaled by W / image width and H / image
 * height and covers the columns from floor(x1) to ceil(x2) and the rows from
 * floor(y1) to ceil(y2), both ends included:
 *
 *     weight = max over the boxes that cover the cell of
 *              1 / ((ceil(x2) + 1 - floor(x1)) * (ceil(y2) + 1 - floor(y1)))
 *
 * Where several anchors share a cell, each has its cell's weight.
 *
 * As in the reference code, the divisor counts cells beyond the map too, so a
 * box at the right border has a little less than 1 in all, and a box is scaled
 * by the image's size although the map may cover padding besides.
 *
 * @param anchors Anchors of all levels.
 * @param gt Boxes in pixels of the network input; none gives zeros.
 * @param options.imageSize Size of the image inside the input in pixels, positive.
 * @param options.valid `[A]`: 0 for anchors that take no part; all do by default,
 * as in the reference code.
 * @returns `[A]`: weight of each anchor's cell, in [0, 1].
 * @throws {TypeError} If boxes and labels, or `valid` and the anchors, differ in
 * number.
 * @throws {RangeError} If a side of the image is not positive.
 * @see FGD, https://arxiv.org/abs/2111.11837, eq. 2 and 3 (there the weight is
 * one over the box's area); yzd-v/FGD at c03a6cf3, `FeatureLoss.forward`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { fgdForeground } from "ldlab/regions/fgd_weights.ts";
 *
 * const imageSize = { height: 8, width: 40 };
 * const anchors = makeAnchors({ ...imageSize, strides: [8] });
 * const gt = { boxes: new Float32Array([10, 0, 20, 4]), labels: new Int32Array([0]) };
 * // Columns 1.25 to 2.5: 1 to 3. Rows 0 to 0.5: 0 to 1, of which the map has one.
 * const weights = fgdForeground(anchors, gt, { imageSize });
 * assert.deepEqual([...weights].map((weight) => Math.round(weight * 6)), [0, 1, 1, 1, 0]);
 * ```
 */
export function fgdForeground(
  anchors: Anchors,
  gt: GroundTruth,
  { imageSize, valid }: { imageSize: ImageSize; valid?: Uint8Array },
): Float32Array {
  const boxes = gt.labels.length;
  requireFit("weigh cells", anchors, gt, valid);
  if (!(imageSize.height > 0 && imageSize.width > 0)) {
    throw new RangeError(
      "Cannot weigh cells: height and width must be positive: current size is " +
        `${imageSize.height} x ${imageSize.width}`,
    );
  }
  const weights = new Float32Array(anchors.count);
  for (const level of anchors.levels) {
    for (let box = 0; box < boxes; box++) {
      raise(weights, level, gt.boxes.subarray(box * 4, box * 4 + 4), imageSize);
    }
  }
  return valid
    ? weights.map((weight, anchor) => valid[anchor] ? weight : 0)
    : weights;
}

/**
 * FGD's background: the cells no object covers, on each level with the same
 * weight, 1 in all.
 *
 * Use it for the background part of focal distillation. Without ground truth
 * all of a level is background; where objects cover a whole level it has none.
 *
 *     weight = 1 / (cells of the level with no foreground) where there is none
 *
 * Where several anchors share a cell, each has its cell's weight.
 *
 * @param anchors Anchors of all levels.
 * @param gt Boxes in pixels of the network input; none makes all background.
 * @param options As of `fgdForeground`.
 * @returns `[A]`: weight of each anchor's cell, in [0, 1].
 * @throws {TypeError} If boxes and labels, or `valid` and the anchors, differ in
 * number.
 * @throws {RangeError} If a side of the image is not positive.
 * @see FGD, https://arxiv.org/abs/2111.11837, eq. 3; yzd-v/FGD at c03a6cf3,
 * `FeatureLoss.forward`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { fgdBackground } from "ldlab/regions/fgd_weights.ts";
 *
 * const imageSize = { height: 8, width: 40 };
 * const anchors = makeAnchors({ ...imageSize, strides: [8] });
 * const gt = { boxes: new Float32Array([10, 0, 20, 4]), labels: new Int32Array([0]) };
 * const weights = fgdBackground(anchors, gt, { imageSize });
 * assert.deepEqual([...weights], [0.5, 0, 0, 0, 0.5]);
 * ```
 */
export function fgdBackground(
  anchors: Anchors,
  gt: GroundTruth,
  options: { imageSize: ImageSize; valid?: Uint8Array },
): Float32Array {
  const { valid } = options;
  const weights = fgdForeground(anchors, gt, options)
    .map((weight, anchor) => weight > 0 || valid?.[anchor] === 0 ? 0 : 1);
  for (const { start, count, width, height } of anchors.levels) {
    const level = weights.subarray(start, start + count);
    const perCell = count / (width * height);
    const open = level.map((one, i) => one > 0 ? Math.floor(i / perCell) : -1);
    const cells = new Set(open.filter((cell) => cell >= 0)).size;
    if (cells > 0) level.forEach((one, i) => level[i] = one / cells);
  }
  return weights;
}

function raise(
  weights: Float32Array,
  { start, count, width, height }: AnchorLevel,
  [x1, y1, x2, y2]: Float32Array,
  image: ImageSize,
): void {
  const column = (x: number) => round(round(x / image.width) * width);
  const row = (y: number) => round(round(y / image.height) * height);
  const [left, right] = [Math.floor(column(x1)), Math.ceil(column(x2))];
  const [top, bottom] = [Math.floor(row(y1)), Math.ceil(row(y2))];
  const perCell = count / (width * height);
  const weight = round(round(1 / (bottom + 1 - top)) / (right + 1 - left));
  for (let j = Math.max(top, 0); j <= Math.min(bottom, height - 1); j++) {
    for (let i = Math.max(left, 0); i <= Math.min(right, width - 1); i++) {
      const first = start + (j * width + i) * perCell;
      const raised = Math.max(weights[first], weight);
      weights.fill(raised, first, first + perCell);
    }
  }
}
