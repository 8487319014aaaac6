import { type BatchStream, openBatchStream } from "./batch_stream.ts";
import {
  createEvaluationBatches,
  type EvaluationBatch,
  type EvaluationBatchOptions,
} from "./evaluation_batches.ts";

/**
 * The images of a dataset in order, made in a worker while the detector runs.
 *
 * Use it to evaluate. Nothing is augmented; the last batch is filled up.
 *
 * @param options Data, input and batch size.
 * @returns The batches, once. Leave the `for await` loop or `close` the stream
 * to end its worker.
 * @throws {RangeError} If the batch size is no positive integer. Bad images
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
 * const counts = [];
 * const loader = createEvaluationLoader({ dataset, width: 64, height: 48, batchSize: 2 });
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
