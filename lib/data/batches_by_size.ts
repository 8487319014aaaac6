import { bucketOf, type Size } from "./size_buckets.ts";

/** Samples that share a batch. */
export interface SizedBatch {
  /** The batch's size, one of the buckets. */
  readonly size: Size;
  /** [B], positions in the epoch. */
  readonly positions: readonly number[];
}

/**
 * Groups an epoch's samples into full batches of few sizes.
 *
 * Use it where images keep their ratio of sides. A batch is complete as soon as B
 * samples of one bucket have come. Samples left over at the end are grouped bucket
 * after bucket into batches that may be mixed; a mixed batch has the size that
 * holds most of its images, and the others are to be resized to fit into it
 * (`keepRatioInside`). So there is no further size to compile for, few images
 * of an epoch are smaller than they were drawn, and none of a rare shape is left
 * out for ever. Only the last of the leftovers, fewer than B, are
 * dropped: there are always ⌊samples / B⌋ batches.
 *
 * @param drawn Sizes of the resized images in pixels, in the epoch's order.
 * @param buckets The sizes that batches may have, from `inputSizes`; each image
 * must fit into one.
 * @param batchSize B, a positive integer.
 * @returns The batches, in the order in which they are complete.
 * @throws {RangeError} If no bucket holds an image.
 * @see MMDetection 3.3.0 `AspectRatioBatchSampler`, which groups by w < h in this
 * order. Its mixed batches are padded to hold every image, which costs a size of
 * its own, 1344 × 1344 for COCO.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { batchesBySize } from "ldlab/data/batches_by_size.ts";
 *
 * const [wide, tall] = [{ width: 64, height: 32 }, { width: 32, height: 64 }];
 * const drawn = [wide, tall, tall, wide, tall];
 * assert.deepEqual(batchesBySize(drawn, [wide, tall], 2), [
 *   { size: tall, positions: [1, 2] },
 *   { size: wide, positions: [0, 3] },
 * ]);
 * ```
 */
export function batchesBySize(
  drawn: readonly Size[],
  buckets: readonly Size[],
  batchSize: number,
): SizedBatch[] {
  const batches: SizedBatch[] = [];
  const waiting = new Map(buckets.map((size) => [size, [] as number[]]));
  for (const [position, image] of drawn.entries()) {
    const size = bucketOf(image, buckets);
    const group = waiting.get(size)!;
    group.push(position);
    if (group.length === batchSize) {
      batches.push({ size, positions: group.splice(0) });
    }
  }
  const left = [...waiting.values()].flat();
  const dropped = new Set(
    left.toSorted((a, b) => b - a).slice(0, left.length % batchSize),
  );
  const mixed = left.filter((position) => !dropped.has(position));
  while (mixed.length > 0) {
    const positions = mixed.splice(0, batchSize);
    const images = positions.map((position) => drawn[position]);
    batches.push({ size: holdsMost(images, buckets), positions });
  }
  return batches;
}

function holdsMost(images: readonly Size[], buckets: readonly Size[]): Size {
  const held = buckets.map((size) =>
    images.filter((image) =>
      image.width <= size.width && image.height <= size.height
    ).length
  );
  return buckets[held.indexOf(Math.max(...held))];
}
