import { checkImageSize } from "./image.ts";

/** Bounds of a resized image in pixels: one for either side, in any order. */
export type Scale = readonly [number, number];

/** The size an image is resized to, and what that does to its boxes. */
export interface ResizedSize {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** New pixels per old pixel in x, W' / W. */
  readonly scaleX: number;
  /** New pixels per old pixel in y, H' / H. */
  readonly scaleY: number;
}

/**
 * The largest size within a scale that keeps an image's ratio of sides.
 *
 * Use it for the published detectors, which train and test at 1333 × 800: the
 * longer side gets at most 1333 pixels, the shorter at most 800, whichever way
 * the image lies. With f = min(long / max(W, H), short / min(W, H)),
 * W' = ⌊W·f + 0.5⌋ and H' = ⌊H·f + 0.5⌋. Because both are rounded, x and y are
 * scaled by slightly different factors: boxes follow those, not f.
 *
 * @param image The image's size in pixels, positive integers.
 * @param scale The two bounds in pixels, positive and finite, in any order.
 * @returns The new size and the factors for boxes.
 * @throws {RangeError} If a side of the image is not a positive integer, a bound
 * is not positive and finite, or the image is so long and thin that a side
 * would round to 0 pixels.
 * @see MMDetection 3.3.0 `Resize(scale, keep_ratio=True)`; mmcv 2.1.0
 * `rescale_size`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { keepRatioSize } from "ldlab/data/keep_ratio.ts";
 *
 * const size = keepRatioSize({ width: 640, height: 427 }, [1333, 800]);
 * assert.deepEqual([size.width, size.height], [1199, 800]);
 * assert.equal(size.scaleX, 1199 / 640);
 * const tall = keepRatioSize({ width: 375, height: 500 }, [1333, 800]);
 * assert.deepEqual([tall.width, tall.height], [800, 1067]);
 * ```
 */
export function keepRatioSize(
  image: { readonly width: number; readonly height: number },
  scale: Scale,
): ResizedSize {
  checkImageSize(image.width, image.height);
  for (const bound of scale) {
    if (!(bound > 0 && bound < Infinity)) {
      throw new RangeError(
        `Cannot size an image: both bounds of a scale must be positive: current scale is [${scale}]`,
      );
    }
  }
  const factor = Math.min(
    Math.max(...scale) / Math.max(image.width, image.height),
    Math.min(...scale) / Math.min(image.width, image.height),
  );
  const width = Math.floor(image.width * factor + 0.5);
  const height = Math.floor(image.height * factor + 0.5);
  if (width < 1 || height < 1) {
    throw new RangeError(
      `Cannot size an image: within [${scale}] no side may round to 0 pixels: current size is ${image.width}x${image.height}, which becomes ${width}x${height}. Cut the image into parts, or leave it out`,
    );
  }
  return resizedSize(image, width, height);
}

/**
 * The largest size within a width and a height that keeps an image's ratio of
 * sides.
 *
 * Use it where an image must fit into a size that its scale does not know of,
 * whichever way it lies. Sides are rounded as in {@linkcode keepRatioSize}, but
 * none to 0.
 *
 * @param image The image's size in pixels, positive integers.
 * @param bounds The width and the height to fit into, pixels, positive integers.
 * @returns The new size and the factors for boxes.
 * @throws {RangeError} If a side is not a positive integer.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { keepRatioInside } from "ldlab/data/keep_ratio.ts";
 *
 * const image = { width: 480, height: 640 };
 * const size = keepRatioInside(image, { width: 1344, height: 800 });
 * assert.deepEqual([size.width, size.height], [600, 800]);
 * ```
 */
export function keepRatioInside(
  image: { readonly width: number; readonly height: number },
  bounds: { readonly width: number; readonly height: number },
): ResizedSize {
  checkImageSize(image.width, image.height);
  checkImageSize(bounds.width, bounds.height);
  const factor = Math.min(
    bounds.width / image.width,
    bounds.height / image.height,
  );
  const scaled = (side: number) => Math.max(Math.floor(side * factor + 0.5), 1);
  return resizedSize(image, scaled(image.width), scaled(image.height));
}

function resizedSize(
  image: { readonly width: number; readonly height: number },
  width: number,
  height: number,
): ResizedSize {
  return {
    width,
    height,
    scaleX: width / image.width,
    scaleY: height / image.height,
  };
}

/**
 * Boxes of an image that is resized: scaled, and clipped to its new size.
 *
 * Use it for ground truth, before padding. A box that lay outside the image is
 * left without area; its label stays.
 *
 * @param boxes [G * 4], x1, y1, x2, y2 in the image's pixels.
 * @param size The new size, from {@linkcode keepRatioSize}.
 * @returns [G * 4], in resized pixels.
 * @throws {TypeError} If the number of values is no multiple of 4.
 * @see MMDetection 3.3.0 `Resize._resize_bboxes` with `clip_object_border`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { resizeBoxes } from "ldlab/data/keep_ratio.ts";
 *
 * const size = { width: 80, height: 60, scaleX: 2, scaleY: 2 };
 * const boxes = resizeBoxes(new Float32Array([-1, 5, 10, 31]), size);
 * assert.deepEqual([...boxes], [0, 10, 20, 60]);
 * ```
 */
export function resizeBoxes(
  boxes: Float32Array,
  size: ResizedSize,
): Float32Array {
  checkBoxes(boxes);
  const scales = [size.scaleX, size.scaleY].map(Math.fround);
  const bounds = [size.width, size.height];
  return boxes.map((value, at) =>
    Math.min(Math.max(value * scales[at % 2], 0), bounds[at % 2])
  );
}

/**
 * Boxes in a resized image as boxes in the image before: x / scaleX, y / scaleY.
 *
 * Use it for detections, which are to be given in the original's pixels.
 *
 * @param boxes [N * 4], x1, y1, x2, y2 in resized pixels.
 * @param size The size the image was resized to, from {@linkcode keepRatioSize}.
 * @returns [N * 4], in the original image's pixels.
 * @throws {TypeError} If the number of values is no multiple of 4.
 * @see MMDetection 3.3.0 `BaseDenseHead._bbox_post_process` with `rescale`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { restoreBoxes } from "ldlab/data/keep_ratio.ts";
 *
 * const size = { width: 80, height: 90, scaleX: 2, scaleY: 3 };
 * const boxes = restoreBoxes(new Float32Array([2, 9, 20, 60]), size);
 * assert.deepEqual([...boxes], [1, 3, 10, 20]);
 * ```
 */
export function restoreBoxes(
  boxes: Float32Array,
  size: ResizedSize,
): Float32Array {
  checkBoxes(boxes);
  const scales = [size.scaleX, size.scaleY];
  return boxes.map((value, at) => value / scales[at % 2]);
}

function checkBoxes(boxes: Float32Array): void {
  if (boxes.length % 4 !== 0) {
    throw new TypeError(
      `Cannot scale boxes: boxes must have 4 values each: current length is ${boxes.length}`,
    );
  }
}
