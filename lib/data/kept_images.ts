import type { RgbImage } from "./image.ts";

/** What kept images may take in memory where nothing else is asked for: 1 GiB. */
export const CACHE_BYTES = 2 ** 30;

/** Images by index. */
export interface KeptImages {
  /** The image at this index of the dataset. */
  get(index: number): Promise<RgbImage>;
}

/**
 * Images made once and then kept as long as memory is left.
 *
 * @param make Makes the image of an index, always the same.
 * @param cacheBytes What the kept images may take. Images beyond are made each
 * time they are asked for.
 * @returns The images, made when asked for.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { keepImages } from "ldlab/data/kept_images.ts";
 *
 * let made = 0;
 * const make = async () => (made++, { width: 1, height: 1, data: new Uint8Array(3) });
 * const images = keepImages(make, 5); // one image of 3 bytes
 * for (const index of [0, 0, 1, 1]) await images.get(index);
 * assert.equal(made, 3);
 * ```
 */
export function keepImages(
  make: (index: number) => Promise<RgbImage>,
  cacheBytes: number,
): KeptImages {
  const kept = new Map<number, RgbImage>();
  let bytesLeft = cacheBytes;
  return {
    async get(index) {
      const known = kept.get(index);
      if (known) return known;
      const image = await make(index);
      if (image.data.length <= bytesLeft) {
        bytesLeft -= image.data.length;
        kept.set(index, image);
      }
      return image;
    },
  };
}
