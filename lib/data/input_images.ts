import type { Random } from "../random/random.ts";
import type { ImageRecord } from "./dataset.ts";
import type { Flip } from "./flip.ts";
import {
  type InputConfig,
  type InputPhase,
  inputSizes,
  type KeepRatioInput,
  NORMALISATIONS,
  type StretchInput,
} from "./input.ts";
import type { Placement } from "./jitter.ts";
import { keepRatioSize, resizeBoxes, type ResizedSize } from "./keep_ratio.ts";
import { CACHE_BYTES, keepImages } from "./kept_images.ts";
import { loadImage } from "./load_image.ts";
import { drawScale, scaleVaries } from "./multi_scale.ts";
import { writeNetworkInput } from "./network_input.ts";
import { paddedSize, writePaddedInput } from "./padded_input.ts";
import { resizeBilinear } from "./resize_bilinear.ts";
import { keepResizedImages } from "./resized_images.ts";
import type { Size } from "./size_buckets.ts";

/** The images of a data set as a network's inputs. */
export interface InputImages {
  /** Sizes that inputs have, pixels, the smallest area first. */
  readonly sizes: readonly Size[];
  /** Whether an image has another size from draw to draw. */
  readonly varies: boolean;
  /** Draws the size that an image is resized to; nothing is drawn for a test. */
  draw(index: number, random: Random): ResizedSize;
  /** [G * 4] in original pixels to [G * 4] in pixels of the resized image. */
  resizeBoxes(boxes: Float32Array, resized: ResizedSize): Float32Array;
  /** The part of an input that the image's own padding ends at, if it is padded. */
  ownInput(resized: Size): Size | undefined;
  /** Writes the resized image into an input, mirrored and normalised. */
  write(index: number, target: Float32Array, how: WrittenInput): Promise<void>;
}

/** What becomes of an image that is written. */
export interface WrittenInput {
  /** The input's size in pixels. */
  readonly size: Size;
  /** The image's size in it. */
  readonly resized: Size;
  readonly flip: Flip;
  /** Only for images that fill the input. */
  readonly placement?: Placement;
}

/**
 * Opens the images of a data set as inputs of a network.
 *
 * Use it where batches are made. Stretched images are kept at the input's size;
 * of those that keep their ratio the decoded ones are, because their scale may
 * vary.
 *
 * @param images The records.
 * @param input How they become inputs.
 * @param options.phase Whether they are for training or testing.
 * @param options.cacheBytes What kept images may take; 1 GiB unless given.
 * @returns The images, loaded when asked for.
 * @throws {RangeError} If the input is not in order, or there is no image to
 * make sizes for.
 * @see MMDetection 3.3.0: `Resize(keep_ratio=True)` or `RandomResize`,
 * `RandomFlip` and `DetDataPreprocessor` for images that keep their ratio.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openInputImages } from "ldlab/data/input_images.ts";
 * import { makeScenes } from "ldlab/data/scenes.ts";
 *
 * const { images } = makeScenes({ seed: 1, count: 2 }); // 128x96
 * const train = { mode: "value", scales: [[100, 60]] } as const;
 * const input = { kind: "keepRatio", train, test: [100, 60] } as const;
 * const inputs = openInputImages(images, input, { phase: "train" });
 * const { width, height } = inputs.draw(0, Math.random);
 * assert.deepEqual([width, height], [80, 60]);
 * assert.deepEqual(inputs.sizes, [{ width: 96, height: 64 }]);
 * ```
 */
export function openInputImages(
  images: readonly ImageRecord[],
  input: InputConfig,
  { phase, cacheBytes = CACHE_BYTES }: {
    phase: InputPhase;
    cacheBytes?: number;
  },
): InputImages {
  const sizes = sizesOf(images, input, phase);
  return input.kind === "stretch"
    ? stretched(images, input, { sizes, cacheBytes })
    : keepingRatio(images, input, { sizes, phase, cacheBytes });
}

/** The sizes of inputs; an image that can have none is named. */
function sizesOf(
  images: readonly ImageRecord[],
  input: InputConfig,
  phase: InputPhase,
): readonly Size[] {
  try {
    return inputSizes(images, input, phase);
  } catch (error) {
    const { message } = error as Error;
    for (const { path, ...size } of images) {
      try {
        inputSizes([size], input, phase);
      } catch (own) {
        if ((own as Error).message !== message) continue;
        throw new RangeError(`${message}: ${path}`, { cause: error });
      }
    }
    throw error;
  }
}

function stretched(
  images: readonly ImageRecord[],
  { width, height }: StretchInput,
  { sizes, cacheBytes }: { sizes: readonly Size[]; cacheBytes: number },
): InputImages {
  const kept = keepResizedImages(images, { width, height, cacheBytes });
  return {
    sizes,
    varies: false,
    draw: (index) => ({
      width,
      height,
      scaleX: width / images[index].width,
      scaleY: height / images[index].height,
    }),
    resizeBoxes: (boxes, { scaleX, scaleY }) =>
      boxes.map((value, at) => value * (at % 2 === 0 ? scaleX : scaleY)),
    ownInput: () => undefined,
    write: async (index, target, { flip, placement }) =>
      writeNetworkInput(await kept.get(index), target, flip, placement),
  };
}

function keepingRatio(
  images: readonly ImageRecord[],
  { train, test, divisor, normalisation = "imagenetRgb" }: KeepRatioInput,
  { sizes, phase, cacheBytes }: {
    sizes: readonly Size[];
    phase: InputPhase;
    cacheBytes: number;
  },
): InputImages {
  const decoded = keepImages((index) => loadImage(images[index]), cacheBytes);
  return {
    sizes,
    varies: phase === "train" && scaleVaries(train),
    draw: (index, random) =>
      keepRatioSize(
        images[index],
        phase === "train" ? drawScale(random, train) : test,
      ),
    resizeBoxes,
    ownInput: (resized) => paddedSize(resized, divisor),
    write: async (index, target, { size, resized, flip }) =>
      writePaddedInput(
        resizeBilinear(
          await decoded.get(index),
          resized.width,
          resized.height,
        ),
        target,
        size,
        NORMALISATIONS[normalisation],
        flip,
      ),
  };
}
