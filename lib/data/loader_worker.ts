/**
 * The worker behind a batch stream: told once what to make, it makes the
 * batches asked for, one after another, and hands their arrays over.
 */
import {
  createEvaluationBatches,
  type EvaluationBatchOptions,
} from "./evaluation_batches.ts";
import {
  createTrainingBatches,
  type TrainingBatchOptions,
} from "./training_batches.ts";

/** What batches a worker makes. */
export type BatchSource =
  | { readonly kind: "training"; readonly options: TrainingBatchOptions }
  | { readonly kind: "evaluation"; readonly options: EvaluationBatchOptions };

/** To the worker: first the source, then the numbers of batches. */
export type WorkerRequest =
  | { readonly source: BatchSource }
  | { readonly number: number };

/** From the worker: for every number a batch or an error, in order. */
export type WorkerReply<B> =
  | { readonly batch: B; readonly workMs: number }
  | { readonly error: { readonly name: string; readonly message: string } };

/** The part of a dedicated worker's global scope that is used here. */
interface WorkerScope {
  onmessage: (event: MessageEvent<WorkerRequest>) => void;
  postMessage(message: unknown, transfer?: Transferable[]): void;
}

/** Makes the batch of a number. */
type Prepare = (number: number) => Promise<object>;

const scope = self as unknown as WorkerScope;
let prepare: Prepare;
let queue: Promise<void> = Promise.resolve();

scope.onmessage = ({ data: request }) => {
  if ("source" in request) {
    prepare = openSource(request.source);
  } else {
    queue = queue.then(() => reply(request.number));
  }
};

function openSource(source: BatchSource): Prepare {
  if (source.kind === "evaluation") {
    return createEvaluationBatches(source.options).prepare;
  }
  const { batchesPerEpoch, prepare } = createTrainingBatches(source.options);
  return (number) =>
    prepare(Math.floor(number / batchesPerEpoch), number % batchesPerEpoch);
}

async function reply(number: number): Promise<void> {
  const start = performance.now();
  try {
    const batch = await prepare(number);
    const workMs = performance.now() - start;
    const arrays = [batch, (batch as { regions?: object }).regions ?? {}]
      .flatMap((values) => Object.values(values))
      .filter(ArrayBuffer.isView);
    scope.postMessage(
      { batch, workMs },
      arrays.map((array) => array.buffer as ArrayBuffer),
    );
  } catch (error) {
    const { name, message } = error as Error;
    scope.postMessage({ error: { name, message } });
  }
}
