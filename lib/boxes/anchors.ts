const round = Math.fround;

/** One level of the feature pyramid. */
export interface AnchorLevel {
  /** Input pixels between neighbouring cells. */
  readonly stride: number;
  /** Cells in y. */
  readonly height: number;
  /** Cells in x. */
  readonly width: number;
  /** Index of the level's first anchor among the anchors of all levels. */
  readonly start: number;
  /** Anchors of the level. */
  readonly count: number;
}

/** The anchors of all levels of one input size, row-major level after level. */
export interface Anchors {
  /** `[count, 4]`: x1, y1, x2, y2 in pixels of the network input. */
  readonly boxes: Float32Array;
  /** `[count, 2]`: x, y in pixels. */
  readonly centers: Float32Array;
  /** `[count]`: stride of each anchor's level in pixels. */
  readonly strides: Float32Array;
  readonly count: number;
  readonly levels: readonly AnchorLevel[];
}

/** What the anchors of an input look like, whatever its size. Plain data. */
export interface AnchorOptions {
  /** Pixels between cells, a level each; P3 to P7 by default. */
  readonly strides?: readonly number[];
  /** Side of an anchor in strides, or several; 8 by default. */
  readonly scale?: number | readonly number[];
  /** Height to width, positive; 1 by default. */
  readonly ratios?: readonly number[];
  /** Where in its cell a centre lies, in strides, from 0 to 1; 0 by default. */
  readonly centerOffset?: number;
}

/**
 * Makes the anchors of every level of a feature pyramid: one square anchor a cell
 * unless more are asked for.
 *
 * Use it once for an input size: assignment, regions, losses and decoding all
 * take the same anchors. Regression starts at the centre; only assignment and
 * regions look at the size.
 *
 * The anchor of cell (row j, column i) at stride s has its centre at
 * `((i + o) * s, (j + o) * s)` with `o` the offset, and sides of `scale * s`. GFL
 * and ATSS have offset 0, a multiple of the stride and not the middle of the
 * cell; FCOS, whose points these centres are, has 0.5.
 *
 * With several scales or ratios (height to width) r, a cell has an anchor of
 * `scale * s / sqrt(r)` by `scale * s * sqrt(r)` for each pair, all scales of the
 * first ratio first. RetinaNet has ratios 0.5, 1 and 2 and scales 4, 4 * 2^(1/3)
 * and 4 * 2^(2/3).
 *
 * @param options.height Height of the network input in pixels, positive.
 * @param options.width Width of the network input in pixels, positive.
 * @param options.strides Pixels between cells, a level each; P3 to P7 by default.
 * @param options.scale Side of an anchor in strides, or several; 8 by default.
 * @param options.ratios Height to width, positive; 1 by default.
 * @param options.centerOffset Where in its cell a centre lies, in strides, from 0
 * to 1; 0 by default.
 * @param options.levelSizes `[height, width]` of each level in cells;
 * `ceil(height / stride)`, `ceil(width / stride)` by default, which is what
 * stride-2 layers that pad both sides give.
 * @returns The anchors, levels in the order of `strides`.
 * @throws {TypeError} If `levelSizes` has another length than `strides`.
 * @throws {RangeError} If the input, a stride, scale, ratio or level is not
 * positive, or the offset not from 0 to 1.
 * @see GFL, https://arxiv.org/abs/2006.04388, section 4, with MMDetection 3.3.0
 * `AnchorGenerator(ratios=[1.0], octave_base_scale=8, scales_per_octave=1)`,
 * `center_offset` 0; `MlvlPointGenerator(offset=0.5)` for FCOS.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 *
 * const anchors = makeAnchors({ height: 16, width: 24, strides: [8, 16] });
 * assert.equal(anchors.count, 2 * 3 + 1 * 2);
 * assert.deepEqual([...anchors.centers.slice(2, 4)], [8, 0]);
 * assert.deepEqual([...anchors.boxes.slice(4, 8)], [-24, -32, 40, 32]);
 * assert.deepEqual(anchors.levels[1], { stride: 16, height: 1, width: 2, start: 6, count: 2 });
 * ```
 */
export function makeAnchors(
  {
    height,
    width,
    strides = [8, 16, 32, 64, 128],
    scale = 8,
    ratios = [1],
    centerOffset = 0,
    levelSizes,
  }: AnchorOptions & {
    height: number;
    width: number;
    levelSizes?: readonly (readonly [number, number])[];
  },
): Anchors {
  const scales = [scale].flat();
  for (const value of [height, width, ...scales, ...ratios, ...strides]) {
    if (!(value > 0)) {
      throw new RangeError(
        "Cannot make anchors: height, width, scale, ratios and strides must be " +
          `positive: current value is ${value}`,
      );
    }
  }
  if (!(centerOffset >= 0 && centerOffset <= 1)) {
    throw new RangeError(
      "Cannot make anchors: centerOffset must be from 0 to 1: current value is " +
        centerOffset,
    );
  }
  const sizes = levelSizes ?? strides.map((stride) =>
    [
      Math.ceil(height / stride),
      Math.ceil(width / stride),
    ] as const
  );
  if (sizes.length !== strides.length) {
    throw new TypeError(
      `Cannot make anchors: levelSizes must have ${strides.length} entries ` +
        `like strides: current length is ${sizes.length}`,
    );
  }
  // [width, height] of each anchor of a cell. Rounded as the reference code
  // rounds: else anchors that tie for a box there do not tie here.
  const shapesOf = (stride: number) =>
    ratios.flatMap((ratio) => {
      const root = round(Math.sqrt(round(ratio)));
      const sides = [round(stride * round(1 / root)), round(stride * root)];
      return scales.map((scale) =>
        sides.map((side) => round(side * round(scale)))
      );
    });
  const perCell = ratios.length * scales.length;
  const levels: AnchorLevel[] = [];
  let count = 0;
  for (const [index, [rows, columns]] of sizes.entries()) {
    if (!(rows > 0 && columns > 0)) {
      throw new RangeError(
        "Cannot make anchors: a level must have at least one cell: current " +
          `size of level ${index} is [${rows}, ${columns}]`,
      );
    }
    levels.push({
      stride: strides[index],
      height: rows,
      width: columns,
      start: count,
      count: rows * columns * perCell,
    });
    count += rows * columns * perCell;
  }
  const boxes = new Float32Array(count * 4);
  const centers = new Float32Array(count * 2);
  const anchorStrides = new Float32Array(count);
  for (const { stride, width, start, count } of levels) {
    const middle = round(centerOffset * stride);
    const corners = shapesOf(stride).map(([w, h]) =>
      [middle - w / 2, middle - h / 2, middle + w / 2, middle + h / 2].map(
        round,
      )
    );
    for (let i = 0; i < count; i++) {
      const anchor = start + i;
      const cell = Math.floor(i / perCell);
      const [x, y] = [cell % width * stride, Math.floor(cell / width) * stride];
      const [x1, y1, x2, y2] = corners[i % perCell];
      boxes.set([x + x1, y + y1, x + x2, y + y2], anchor * 4);
      centers.set([x + middle, y + middle], anchor * 2);
      anchorStrides[anchor] = stride;
    }
  }
  return { boxes, centers, strides: anchorStrides, count, levels };
}

/**
 * Marks the anchors of cells that see the image and not only its padding.
 *
 * Use it where images of different sizes are padded to one batch: an anchor
 * outside its own image takes no part in assignment and has label weight 0.
 * A cell counts while it starts inside the image: row j if `j < ceil(height / s)`,
 * column i if `i < ceil(width / s)`.
 *
 * @param anchors Anchors of the padded input.
 * @param image Size of the image inside the padded input in pixels.
 * @returns `[count]`: 1 for valid anchors, 0 for the others.
 * @throws {RangeError} If a side of the image is not positive.
 * @see MMDetection 3.3.0 `AnchorGenerator.valid_flags` of the image's `pad_shape`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors, validAnchors } from "ldlab/boxes/anchors.ts";
 *
 * const anchors = makeAnchors({ height: 16, width: 24, strides: [8] });
 * assert.deepEqual(
 *   [...validAnchors(anchors, { height: 8, width: 17 })],
 *   [1, 1, 1, 0, 0, 0],
 * );
 * ```
 */
export function validAnchors(
  anchors: Anchors,
  image: { height: number; width: number },
): Uint8Array {
  if (!(image.height > 0 && image.width > 0)) {
    throw new RangeError(
      "Cannot mark valid anchors: height and width must be positive: current " +
        `size is ${image.height} x ${image.width}`,
    );
  }
  const valid = new Uint8Array(anchors.count);
  for (const level of anchors.levels) {
    const rows = Math.ceil(image.height / level.stride);
    const columns = Math.ceil(image.width / level.stride);
    const perCell = level.count / (level.height * level.width);
    for (let i = 0; i < level.count; i++) {
      const cell = Math.floor(i / perCell);
      const inside = cell % level.width < columns &&
        Math.floor(cell / level.width) < rows;
      valid[level.start + i] = inside ? 1 : 0;
    }
  }
  return valid;
}
