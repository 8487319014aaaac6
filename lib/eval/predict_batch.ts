/** A size in pixels. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/** Images to detect objects in; an evaluation loader's batches fit as they are. */
export interface PredictBatch {
  /** W × H, the network's input in pixels. */
  readonly size: Size;
  /** [B, H, W, 3], normalised as in training; of all batches one length a size. */
  readonly images: Float32Array;
  /**
   * [count], the images' places in the data set. Images after the first `count`
   * only fill up the batch.
   */
  readonly indices: readonly number[];
  /** [count], sizes of the images inside the input in pixels. */
  readonly imageSizes: readonly Size[];
  /**
   * [count], the sizes that the images by themselves would be padded to, pixels;
   * the detector says nothing of an image beyond.
   */
  readonly paddedSizes: readonly Size[];
  /** [count], input pixels per original pixel. */
  readonly scales: readonly { readonly x: number; readonly y: number }[];
}

/** Where one image lies in the input of its batch. */
export interface InputPlace {
  /** W × H, the network's input in pixels. */
  readonly size: Size;
  /** Size of the image inside it in pixels. */
  readonly imageSize: Size;
  /** The size that the image by itself would be padded to, pixels. */
  readonly paddedSize: Size;
  /** Input pixels per original pixel. */
  readonly scale: { readonly x: number; readonly y: number };
}

/**
 * Where the images of a batch lie in its input.
 *
 * @param batch The batch.
 * @returns A place for each image, but for those that only fill up the batch.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { placesOf } from "ldlab/eval/predict_batch.ts";
 *
 * const size = { width: 64, height: 32 };
 * const [place] = placesOf({
 *   size, images: new Float32Array(64 * 32 * 3), indices: [7],
 *   imageSizes: [{ width: 60, height: 20 }], paddedSizes: [size], scales: [{ x: 0.5, y: 0.5 }],
 * });
 * assert.equal(place.imageSize.width, 60);
 * ```
 */
export function placesOf(batch: PredictBatch): InputPlace[] {
  const { size, imageSizes, paddedSizes, scales } = batch;
  return batch.indices.map((_, row) => ({
    size,
    imageSize: imageSizes[row],
    paddedSize: paddedSizes[row],
    scale: scales[row],
  }));
}
