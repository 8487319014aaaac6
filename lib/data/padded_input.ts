import type { Flip } from "./flip.ts";
import type { RgbImage } from "./image.ts";
import { DEVIATION, MEAN } from "./network_input.ts";

/** How grey levels become the network's numbers. Plain data. */
export interface Normalisation {
  /** Order of the network's three channels. */
  readonly order: "rgb" | "bgr";
  /** Subtracted, of 255, in the network's order. */
  readonly mean: readonly number[];
  /** Divides what is left, of 255, positive, in the network's order. */
  readonly deviation: readonly number[];
}

/** For backbones trained with PyTorch: ImageNet's mean and deviation, RGB. */
export const IMAGENET_RGB: Normalisation = {
  order: "rgb",
  mean: MEAN,
  deviation: DEVIATION,
};

/** For backbones converted from Caffe: ImageNet's mean alone, BGR. */
export const CAFFE_BGR: Normalisation = {
  order: "bgr",
  mean: [103.53, 116.28, 123.675],
  deviation: [1, 1, 1],
};

/** The divisor of the published detectors' input sides in pixels. */
export const PAD_DIVISOR = 32;

/**
 * The smallest size with sides that a divisor divides which holds an image.
 *
 * Use it for the size an image is padded to by itself. In a batch that is padded
 * further, `validAnchors(anchors, paddedSize(image))` marks the anchors that the
 * image has; the others take no part in its assignment and losses.
 *
 * @param size The resized image's size in pixels, positive.
 * @param divisor A positive integer, pixels; 32 by default.
 * @returns The padded size.
 * @throws {RangeError} If the divisor is not a positive integer.
 * @see MMDetection 3.3.0 `DetDataPreprocessor(pad_size_divisor=32)`, whose
 * `pad_shape` this is.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { paddedSize } from "ldlab/data/padded_input.ts";
 *
 * const padded = paddedSize({ width: 1199, height: 800 });
 * assert.deepEqual(padded, { width: 1216, height: 800 });
 * ```
 */
export function paddedSize(
  size: { readonly width: number; readonly height: number },
  divisor = PAD_DIVISOR,
): { width: number; height: number } {
  if (!Number.isInteger(divisor) || divisor < 1) {
    throw new RangeError(
      `Cannot pad an image: the divisor must be a positive integer: current value is ${divisor}`,
    );
  }
  const up = (side: number) => Math.ceil(side / divisor) * divisor;
  return { width: up(size.width), height: up(size.height) };
}

/**
 * Writes an image into the upper left corner of a larger input: mirrored,
 * normalised, and zeros beyond it.
 *
 * Use it for images resized with `keepRatioSize`, in a batch of one padded shape.
 * Each value is (grey level − mean) / deviation of its channel. Padding comes
 * after normalising, so 0 is the mean colour; mirroring comes before, so padding
 * is always at the right and below.
 *
 * @param image The resized image, H × W.
 * @param target [padded.height * padded.width * 3], written over its whole length.
 * @param padded Size of the input in pixels, at least the image's.
 * @param normalisation Channels, mean and deviation.
 * @param flip How to mirror the image.
 * @throws {TypeError} If `target` has another length.
 * @throws {RangeError} If the image is larger than the input.
 * @see MMDetection 3.3.0 `DetDataPreprocessor`; `Normalize` and `Pad` of its 2.x.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { CAFFE_BGR, writePaddedInput } from "ldlab/data/padded_input.ts";
 *
 * const image = { width: 1, height: 1, data: new Uint8Array([255, 128, 0]) };
 * const target = new Float32Array(2 * 3);
 * writePaddedInput(image, target, { width: 2, height: 1 }, CAFFE_BGR, "none");
 * const blue = Math.fround(0 - 103.53);
 * assert.deepEqual([target[0], target[3]], [blue, 0]);
 * ```
 */
export function writePaddedInput(
  image: RgbImage,
  target: Float32Array,
  padded: { readonly width: number; readonly height: number },
  normalisation: Normalisation,
  flip: Flip,
): void {
  const { width, height, data } = image;
  if (target.length !== padded.height * padded.width * 3) {
    throw new TypeError(
      `Cannot write a network input: the target must have ${padded.height} * ${padded.width} * 3 values: current length is ${target.length}`,
    );
  }
  if (width > padded.width || height > padded.height) {
    throw new RangeError(
      `Cannot write a network input: the image must fit into ${padded.width}x${padded.height}: current size is ${width}x${height}`,
    );
  }
  const tables = normalisedLevels(normalisation);
  const first = normalisation.order === "rgb" ? 0 : 2;
  const third = 2 - first;
  const mirrorX = flip === "h" || flip === "hv";
  const mirrorY = flip === "v" || flip === "hv";
  const step = mirrorX ? -3 : 3;
  target.fill(0);
  for (let y = 0; y < height; y++) {
    const row = (mirrorY ? height - 1 - y : y) * width * 3;
    let from = mirrorX ? row + (width - 1) * 3 : row;
    let to = y * padded.width * 3;
    for (let x = 0; x < width; x++, from += step, to += 3) {
      target[to] = tables[0][data[from + first]];
      target[to + 1] = tables[1][data[from + 1]];
      target[to + 2] = tables[2][data[from + third]];
    }
  }
}

/** [256] each, the normalised value of each grey level of each channel. */
function normalisedLevels({ mean, deviation }: Normalisation): Float32Array[] {
  return mean.map((middle, channel) =>
    Float32Array.from(
      { length: 256 },
      (_, level) => (level - middle) / deviation[channel],
    )
  );
}
