import {
  drawScale,
  keepRatioSize,
  type MultiScale,
  paddedSize,
  type Size,
} from "../lib/data/mod.ts";
import { createRandom, integerBelow } from "../lib/random/mod.ts";

const BATCHES = 5000;

/**
 * What part of the pixels is padding where each batch is padded to the size that
 * holds its images, landscape and portrait by themselves, as MMDetection does;
 * and how many sizes that makes. By drawing 5,000 batches.
 *
 * @param images Sizes of a data set's images in pixels.
 * @param multiScale What scales are drawn from.
 * @param batchSize Images that are padded together: of a GPU, there.
 */
export function unionWaste(
  images: readonly Size[],
  multiScale: MultiScale,
  batchSize: number,
): { wasted: number; sizes: number } {
  const random = createRandom("union", batchSize);
  const sizes = new Set<string>();
  let imagePixels = 0;
  let batchPixels = 0;
  for (let batch = 0; batch < BATCHES; batch++) {
    // The first image decides which kind the batch is of.
    const { width, height } = images[integerBelow(random, images.length)];
    const kind = images.filter((image) =>
      (image.width < image.height) === (width < height)
    );
    let [right, bottom] = [0, 0];
    for (let row = 0; row < batchSize; row++) {
      const image = kind[integerBelow(random, kind.length)];
      const resized = keepRatioSize(image, drawScale(random, multiScale));
      const padded = paddedSize(resized);
      right = Math.max(right, padded.width);
      bottom = Math.max(bottom, padded.height);
      imagePixels += resized.width * resized.height;
    }
    batchPixels += batchSize * right * bottom;
    sizes.add(`${right}x${bottom}`);
  }
  return { wasted: 1 - imagePixels / batchPixels, sizes: sizes.size };
}
