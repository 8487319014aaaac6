/** How an image is cut into patches. */
export interface PatchOptions {
  /** The side of a patch, pixels, a positive integer; 1024 unless given. */
  readonly size?: number;
  /** Pixels that neighbours share, 0 to below `size`; 200 unless given. */
  readonly overlap?: number;
  /**
   * The least part of an object's area that a patch must hold for the object to
   * be in it, over 0 and at most 1; 0.7 unless given.
   */
  readonly minimumOverlap?: number;
}

/**
 * Where square windows that cover an image begin.
 *
 * Use it to cut large images into patches of one size. Along each axis windows
 * follow at a distance of size − overlap; the last is moved back so that it ends
 * at the border. An image smaller than a window gets one that reaches beyond.
 *
 *     n = 1 where length ≤ size, else ⌈(length − size) / (size − overlap)⌉ + 1
 *     start_i = i (size − overlap), start_(n−1) = length − size
 *
 * @param image Its width and height in pixels, positive integers.
 * @param options.size The side of a window, pixels, a positive integer.
 * @param options.overlap Pixels that neighbours share, an integer, at least 0,
 * less than size.
 * @returns The upper left corners; those of a column of windows come together.
 * @throws {RangeError} If an option is out of range.
 * @see MMRotate 0.3.4, `tools/data/dota/split/img_split.py`,
 * `get_sliding_window`. Its bound on the image's part of a window leaves out
 * none where there is one size, thus is not here.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { slidingWindows } from "ldlab/data/sliding_windows.ts";
 *
 * const windows = slidingWindows({ width: 2000, height: 900 }, { size: 1024, overlap: 200 });
 * assert.deepEqual(windows.map(({ left }) => left), [0, 824, 976]);
 * ```
 */
export function slidingWindows(
  { width, height }: { readonly width: number; readonly height: number },
  { size, overlap }: { readonly size: number; readonly overlap: number },
): { readonly left: number; readonly top: number }[] {
  if (!Number.isInteger(size) || size < 1) {
    throw new RangeError(
      `Cannot cut images into patches: size must be a positive integer: current value is ${size}`,
    );
  }
  if (!Number.isInteger(overlap) || overlap < 0 || overlap >= size) {
    throw new RangeError(
      `Cannot cut images into patches: overlap must be an integer of at least 0 and less than size, ${size}: current value is ${overlap}`,
    );
  }
  const starts = (length: number) => {
    if (length <= size) return [0];
    const step = size - overlap;
    const count = Math.ceil((length - size) / step) + 1;
    return Array.from(
      { length: count },
      (_, i) => Math.min(i * step, length - size),
    );
  };
  const tops = starts(height);
  return starts(width).flatMap((left) => tops.map((top) => ({ left, top })));
}
