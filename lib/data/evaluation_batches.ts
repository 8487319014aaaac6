import type { Dataset } from "./dataset.ts";
import { writeNetworkInput } from "./network_input.ts";
import { keepResizedImages } from "./resized_images.ts";

// B batch, H and W input pixels.

/** Everything an evaluation batch depends on, beside its number. Plain data. */
export interface EvaluationBatchOptions {
  readonly dataset: Dataset;
  /** Input of the network in pixels. */
  readonly width: number;
  readonly height: number;
  readonly batchSize: number;
}

/** Images to detect objects in, fixed in shape. */
export interface EvaluationBatch {
  /** From 0. */
  readonly index: number;
  /** [B, H, W, 3], RGB, normalised; 0 from image `count` on. */
  readonly images: Float32Array;
  /** How many of the B images are of the dataset; less than B only at the end. */
  readonly count: number;
  /** [count], the images' indices in the dataset. */
  readonly indices: readonly number[];
  /** [count], ids of the images. */
  readonly ids: readonly string[];
  /** [count], original sizes in pixels. */
  readonly sizes: readonly {
    readonly width: number;
    readonly height: number;
  }[];
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
 * Makes evaluation batches: all images in the dataset's order, resized and
 * normalised only, the last batch filled up with zeros so that every batch has
 * the shape a compiled step wants.
 *
 * Use it to look at single batches; `createEvaluationLoader` runs it in a
 * worker.
 *
 * @param options Data, input and batch size.
 * @returns The batches.
 * @throws {RangeError} If the batch size is no positive integer.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createEvaluationBatches } from "ldlab/data/evaluation_batches.ts";
 * import { makeScenes } from "ldlab/data/scenes.ts";
 *
 * const batches = createEvaluationBatches({
 *   dataset: makeScenes({ seed: 1, count: 10 }),
 *   width: 64,
 *   height: 48,
 *   batchSize: 4,
 * });
 * const last = await batches.prepare(batches.batches - 1);
 * assert.equal(last.count, 2);
 * assert.equal(last.images.length, 4 * 48 * 64 * 3);
 * assert.deepEqual(last.scales[0], { x: 0.5, y: 0.5 });
 * ```
 */
export function createEvaluationBatches(
  { dataset, width, height, batchSize }: EvaluationBatchOptions,
): EvaluationBatches {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(
      `Cannot make batches of ${dataset.name}: the batch size must be a positive integer: current value is ${batchSize}`,
    );
  }
  // Each image is used once: nothing is worth keeping.
  const resized = keepResizedImages(dataset.images, {
    width,
    height,
    cacheBytes: 0,
  });
  const imageLength = height * width * 3;
  return {
    batches: Math.ceil(dataset.images.length / batchSize),
    async prepare(index) {
      const first = index * batchSize;
      const records = dataset.images.slice(first, first + batchSize);
      const images = new Float32Array(batchSize * imageLength);
      for (const row of records.keys()) {
        writeNetworkInput(
          await resized.get(first + row),
          images.subarray(row * imageLength, (row + 1) * imageLength),
          "none",
        );
      }
      return {
        index,
        images,
        count: records.length,
        indices: records.map((_, row) => first + row),
        ids: records.map(({ id }) => id),
        sizes: records.map((record) => ({
          width: record.width,
          height: record.height,
        })),
        scales: records.map((record) => ({
          x: width / record.width,
          y: height / record.height,
        })),
      };
    },
  };
}
