import type { Flip } from "./flip.ts";
import type { RgbImage } from "./image.ts";
import type { Placement } from "./jitter.ts";
import { bilinearTaps } from "./resize_bilinear.ts";

/** Mean of ImageNet's red, green and blue, of 255. */
export const MEAN: readonly number[] = [123.675, 116.28, 103.53];
/** Standard deviation of ImageNet's red, green and blue, of 255. */
export const DEVIATION: readonly number[] = [58.395, 57.12, 57.375];

/** [256 * 3], the normalised value of each grey level of each channel. */
const NORMALISED = Float32Array.from(
  { length: 256 * 3 },
  (_, at) => (Math.floor(at / 3) - MEAN[at % 3]) / DEVIATION[at % 3],
);

/**
 * Writes an image as the network sees it: mirrored, optionally resampled and
 * placed on a canvas of its own size, and normalised by
 * (value − {@linkcode MEAN}) / {@linkcode DEVIATION}.
 *
 * Use it for every image that goes into a detector. Mirroring comes before
 * placing. Canvas that the placed image does not cover is the mean colour: 0.
 *
 * @param image The image, H × W.
 * @param target [H * W * 3], written over its whole length.
 * @param flip How to mirror the image.
 * @param placement Where to put the image on the canvas, from `drawJitter`;
 * without it the image fills the canvas. Resampling is bilinear and keeps
 * fractions of grey levels.
 * @throws {TypeError} If `target` has another length.
 * @see MMDetection's `DetDataPreprocessor`, which normalises the same way.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { writeNetworkInput } from "ldlab/data/network_input.ts";
 *
 * const image = { width: 2, height: 1, data: new Uint8Array([0, 0, 0, 255, 255, 255]) };
 * const target = new Float32Array(6);
 * writeNetworkInput(image, target, "h");
 * assert.equal(target[0], Math.fround((255 - 123.675) / 58.395));
 * ```
 */
export function writeNetworkInput(
  image: RgbImage,
  target: Float32Array,
  flip: Flip,
  placement?: Placement,
): void {
  if (target.length !== image.data.length) {
    throw new TypeError(
      `Cannot write a network input: the target must have ${image.height} * ${image.width} * 3 values: current length is ${target.length}`,
    );
  }
  const mirrorX = flip === "h" || flip === "hv";
  const mirrorY = flip === "v" || flip === "hv";
  if (placement) {
    writePlaced(image, target, mirrorX, mirrorY, placement);
  } else {
    writeWhole(image, target, mirrorX, mirrorY);
  }
}

function writeWhole(
  { width, height, data }: RgbImage,
  target: Float32Array,
  mirrorX: boolean,
  mirrorY: boolean,
): void {
  const step = mirrorX ? -3 : 3;
  for (let y = 0, to = 0; y < height; y++) {
    const row = (mirrorY ? height - 1 - y : y) * width * 3;
    let from = mirrorX ? row + (width - 1) * 3 : row;
    for (let x = 0; x < width; x++, from += step, to += 3) {
      target[to] = NORMALISED[data[from] * 3];
      target[to + 1] = NORMALISED[data[from + 1] * 3 + 1];
      target[to + 2] = NORMALISED[data[from + 2] * 3 + 2];
    }
  }
}

function writePlaced(
  { width, height, data }: RgbImage,
  target: Float32Array,
  mirrorX: boolean,
  mirrorY: boolean,
  placement: Placement,
): void {
  const columns = bilinearTaps(width, placement.width);
  const rows = bilinearTaps(height, placement.height);
  // A mirrored image is read through mirrored indices.
  const column = (x: number) => 3 * (mirrorX ? width - 1 - x : x);
  const lefts = columns.lower.map(column);
  const rights = columns.upper.map(column);
  const rowStart = (y: number) => 3 * width * (mirrorY ? height - 1 - y : y);
  const firstX = Math.max(0, placement.left);
  const lastX = Math.min(width, placement.left + placement.width);
  const firstY = Math.max(0, placement.top);
  const lastY = Math.min(height, placement.top + placement.height);
  target.fill(0);
  for (let y = firstY; y < lastY; y++) {
    const top = rowStart(rows.lower[y - placement.top]);
    const bottom = rowStart(rows.upper[y - placement.top]);
    const down = rows.weight[y - placement.top];
    let to = (y * width + firstX) * 3;
    for (let x = firstX; x < lastX; x++) {
      const left = lefts[x - placement.left];
      const right = rights[x - placement.left];
      const across = columns.weight[x - placement.left];
      for (let channel = 0; channel < 3; channel++, to++) {
        const a = data[top + left + channel];
        const b = data[top + right + channel];
        const c = data[bottom + left + channel];
        const d = data[bottom + right + channel];
        const above = a + (b - a) * across;
        const below = c + (d - c) * across;
        const value = above + (below - above) * down;
        target[to] = (value - MEAN[channel]) / DEVIATION[channel];
      }
    }
  }
}
