import type { Dataset } from "./dataset.ts";
import type { InputConfig } from "./input.ts";
import { openInputImages } from "./input_images.ts";
import { bucketOf, type Size } from "./size_buckets.ts";

// B batch, H and W input pixels.

/** Everything an evaluation batch depends on, beside its number. Plain data. */
export interface EvaluationBatchOptions {
  readonly dataset: Dataset;
  /** How images become the network's input. */
  readonly input: InputConfig;
  readonly batchSize: number;
}

/** Images to detect objects in; their shape follows from the size. */
export interface EvaluationBatch {
  /** From 0. */
  readonly index: number;
  /** W × H, the network's input in pixels, one of `inputSizes`. */
  readonly size: Size;
  /**
   * [B, H, W, 3], normalised, RGB unless the input's normalisation says BGR; 0
   * from image `count` on.
   */
  readonly images: Float32Array;
  /**
   * How many of the B images are of the dataset; less than B only in the last
   * batch of a size.
   */
  readonly count: number;
  /** [count], the images' indices in the dataset. */
  readonly indices: readonly number[];
  /** [count], ids of the images. */
  readonly ids: readonly string[];
  /** [count], original sizes in pixels. */
  readonly sizes: readonly Size[];
  /** [count], sizes of the images inside the input in pixels. */
  readonly imageSizes: readonly Size[];
  /** [count], what the images by themselves are padded to: the batch's size. */
  readonly paddedSizes: readonly Size[];
  /** [count], input pixels per original pixel; divide detected boxes by it. */
  readonly scales: readonly { readonly x: number; readonly y: number }[];
}

/** Makes the batches of an evaluation, in any order. */
export interface EvaluationBatches {
  readonly batches: number;
  /** Makes a batch. */
  prepare(index: number): Promise<EvaluationBatch>;
}

/**
 * Makes evaluation batches: all images, resized and normalised only, those that
 * keep their ratio padded by themselves, as if each were alone. Batches of one size
 * follow each other, the smallest first, their images in the dataset's
 * order; the last is filled up with zeros so that every batch of a size has the
 * shape a compiled step wants. With one size, as a stretched input has, all images
 * are in order; else `indices` says which they are.
 *
 * Use it to look at single batches; `createEvaluationLoader` runs it in a
 * worker.
 *
 * @param options Data, input and batch size.
 * @returns The batches.
 * @throws {RangeError} If the batch size is no positive integer, the input is
 * not in order, or there is no image to make sizes for.
 * @see MMDetection 3.3.0 `Resize(keep_ratio=True)` and `DetDataPreprocessor`,
 * whose padding ends at the next multiple of 32 for images that keep their ratio.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createEvaluationBatches } from "ldlab/data/evaluation_batches.ts";
 * import { makeScenes } from "ldlab/data/scenes.ts";
 *
 * const batches = createEvaluationBatches({
 *   dataset: makeScenes({ seed: 1, count: 10 }),
 *   input: { kind: "stretch", width: 64, height: 48 },
 *   batchSize: 4,
 * });
 * const last = await batches.prepare(batches.batches - 1);
 * assert.equal(last.count, 2);
 * assert.equal(last.images.length, 4 * 48 * 64 * 3);
 * assert.deepEqual(last.scales[0], { x: 0.5, y: 0.5 });
 * ```
 */
export function createEvaluationBatches(
  { dataset, input, batchSize }: EvaluationBatchOptions,
): EvaluationBatches {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(
      `Cannot make batches of ${dataset.name}: the batch size must be a positive integer: current value is ${batchSize}`,
    );
  }
  // Each image is used once: nothing is worth keeping.
  const inputs = openInputImages(dataset.images, input, {
    phase: "test",
    cacheBytes: 0,
  });
  const resized = dataset.images.map((_, image) => inputs.draw(image, () => 0));
  const bySize = Map.groupBy(
    resized.keys(),
    (image) => bucketOf(resized[image], inputs.sizes),
  );
  const batches = inputs.sizes.flatMap((size) => {
    const images = bySize.get(size) ?? [];
    return Array.from(
      { length: Math.ceil(images.length / batchSize) },
      (_, at) => ({
        size,
        indices: images.slice(at * batchSize, (at + 1) * batchSize),
      }),
    );
  });
  return {
    batches: batches.length,
    async prepare(index) {
      const { size, indices } = batches[index];
      const imageLength = size.height * size.width * 3;
      const images = new Float32Array(batchSize * imageLength);
      for (const [row, image] of indices.entries()) {
        await inputs.write(
          image,
          images.subarray(row * imageLength, (row + 1) * imageLength),
          { size, resized: resized[image], flip: "none" },
        );
      }
      const records = indices.map((image) => dataset.images[image]);
      return {
        index,
        size,
        images,
        count: indices.length,
        indices,
        ids: records.map(({ id }) => id),
        sizes: records.map(({ width, height }) => ({ width, height })),
        imageSizes: indices.map((image) => {
          const { width, height } = resized[image];
          return { width, height };
        }),
        paddedSizes: indices.map(() => size),
        scales: indices.map((image) => {
          const { scaleX, scaleY } = resized[image];
          return { x: scaleX, y: scaleY };
        }),
      };
    },
  };
}
