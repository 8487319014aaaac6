import type { ImageRecord } from "./dataset.ts";
import { CACHE_BYTES, keepImages, type KeptImages } from "./kept_images.ts";
import { loadImage } from "./load_image.ts";
import { resizeArea } from "./resize_area.ts";
import { resizeBilinear } from "./resize_bilinear.ts";

/**
 * Images resized to the network's input, each decoded once and then kept as
 * long as memory is left (BCCD at 256×192: 43 MB).
 *
 * Every image is stretched to exactly width × height: by area averaging where
 * it shrinks along both axes, else by bilinear interpolation.
 *
 * @param images The records.
 * @param options.width Pixels.
 * @param options.height Pixels.
 * @param options.cacheBytes What the kept images may take; 1 GiB unless given.
 * Images beyond are decoded each time.
 * @returns The images, loaded when asked for.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { keepResizedImages } from "ldlab/data/resized_images.ts";
 * import { makeScenes } from "ldlab/data/scenes.ts";
 *
 * const { images } = makeScenes({ seed: 1, count: 2 });
 * const resized = keepResizedImages(images, { width: 64, height: 48 });
 * assert.equal((await resized.get(1)).width, 64);
 * ```
 */
export function keepResizedImages(
  images: readonly ImageRecord[],
  { width, height, cacheBytes = CACHE_BYTES }: {
    width: number;
    height: number;
    cacheBytes?: number;
  },
): KeptImages {
  return keepImages(async (index) => {
    const image = await loadImage(images[index]);
    return width <= image.width && height <= image.height
      ? resizeArea(image, width, height)
      : resizeBilinear(image, width, height);
  }, cacheBytes);
}
