import { type BatchStream, openBatchStream } from "./batch_stream.ts";
import {
  createEvaluationBatches,
  type EvaluationBatch,
  type EvaluationBatchOptions,
} from "./evaluation_batches.ts";

/**
 * All images of a dataset once, made in a worker while the detector runs.
 *
 * Use it to evaluate. Nothing is augmented; the last batch of each size is filled
 * up. Images come in the dataset's order within a size; a stretched input has
 * one size only.
 *
 * @param options Data, input and batch size.
 * @returns The batches, once. Leave the `for await` loop or `close` the stream
 * to end its worker.
 * @throws {RangeError} If batch size or input are not in order. Bad images
 * come out of the loop, at the batch they are in.
 * @see {@linkcode createEvaluationBatches}, which makes the batches.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createEvaluationLoader } from "ldlab/data/evaluation_loader.ts";
 * import { makeScenes } from "ldlab/data/scenes.ts";
 *
 * const dataset = makeScenes({ seed: 1, count: 5 });
 * const input = { kind: "stretch", width: 64, height: 48 } as const;
 * const counts = [];
 * const loader = createEvaluationLoader({ dataset, input, batchSize: 2 });
 * for await (const batch of loader) counts.push(batch.count);
 * assert.deepEqual(counts, [2, 2, 1]);
 * ```
 */
export function createEvaluationLoader(
  options: EvaluationBatchOptions,
): BatchStream<EvaluationBatch> {
  const { batches } = createEvaluationBatches(options);
  return openBatchStream<EvaluationBatch>(
    { kind: "evaluation", options },
    { first: 0, end: batches },
    { prefetch: 2 },
  );
}
