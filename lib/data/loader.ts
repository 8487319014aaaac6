import { type BatchStream, openBatchStream } from "./batch_stream.ts";
import { CACHE_BYTES } from "./kept_images.ts";
import {
  type Batch,
  createTrainingBatches,
  type TrainingBatchOptions,
} from "./training_batches.ts";

/** What to train on, from where, for how long. */
export interface LoaderOptions extends TrainingBatchOptions {
  /** Epochs of the whole run, those before `start` included. */
  readonly epochs: number;
  /** The first batch wanted; the run's first unless given. */
  readonly start?: { readonly epoch: number; readonly index: number };
  /** Batches made ahead; 2 more than workers unless given. */
  readonly prefetch?: number;
  /**
   * Workers that make batches, which do not depend on their number; unless
   * given, one for every four cores, at least 1 and at most 4.
   */
  readonly workers?: number;
}

/** The batches of a training run. */
export interface Loader extends BatchStream<Batch> {
  readonly batchesPerEpoch: number;
}

/**
 * The batches of a training run, made in workers while the step runs.
 *
 * Use it in a training loop. A run that starts again at (epoch, index) gets
 * exactly the batches it would have got. Each worker decodes an image once and
 * keeps it in its share of the memory; arrays are handed over, not copied.
 *
 * @param options Data, input, target rule, batch size, seed, augmentation, epochs.
 * @returns The batches from `start` to the end of the last epoch. Leave the
 * `for await` loop or `close` the loader to end its workers.
 * @throws {RangeError} If the batch size does not suit the dataset, or `start`
 * is not in the run. Bad images come out of the loop, at the batch they are in.
 * @see {@linkcode createTrainingBatches}, which makes the batches.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createLoader } from "ldlab/data/loader.ts";
 * import { makeScenes } from "ldlab/data/scenes.ts";
 *
 * const loader = createLoader({
 *   dataset: makeScenes({ seed: 1, count: 10 }),
 *   input: { kind: "stretch", width: 128, height: 96 },
 *   batchSize: 4,
 *   seed: 0,
 *   augmentation: { flips: true },
 *   epochs: 3,
 *   start: { epoch: 1, index: 1 },
 * });
 * const seen = [];
 * for await (const batch of loader) seen.push([batch.epoch, batch.index]);
 * assert.deepEqual(seen, [[1, 1], [2, 0], [2, 1]]);
 * ```
 */
export function createLoader(options: LoaderOptions): Loader {
  const {
    epochs,
    start = { epoch: 0, index: 0 },
    workers = Math.min(Math.ceil(navigator.hardwareConcurrency / 4), 4),
    prefetch = workers + 2,
    ...all
  } = options;
  const { batchesPerEpoch } = createTrainingBatches(all);
  const inRun = Number.isInteger(start.epoch) && start.epoch >= 0 &&
    Number.isInteger(start.index) && start.index >= 0 &&
    start.index <= batchesPerEpoch;
  const first = start.epoch * batchesPerEpoch + start.index;
  const end = epochs * batchesPerEpoch;
  if (!inRun || !(first <= end)) {
    throw new RangeError(
      `Cannot start a loader: start must be in a run of ${epochs} epochs of ${batchesPerEpoch} batches: current start is epoch ${start.epoch}, index ${start.index}`,
    );
  }
  const { cacheBytes = CACHE_BYTES } = all;
  const source = { ...all, cacheBytes: cacheBytes / workers };
  const stream = openBatchStream<Batch>(
    { kind: "training", options: source },
    { first, end },
    { prefetch, workers },
  );
  return Object.assign(stream, { batchesPerEpoch });
}
