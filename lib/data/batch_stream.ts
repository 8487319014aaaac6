import type {
  BatchSource,
  WorkerReply,
  WorkerRequest,
} from "./loader_worker.ts";

/** What a stream has cost so far. */
export interface StreamStatistics {
  /** Batches handed out. */
  readonly batches: number;
  /** How long the consumer has waited for them, milliseconds. */
  readonly waitMs: number;
  /** How long the workers have worked on them, added up, milliseconds. */
  readonly workMs: number;
}

/** Batches in order, made in workers while the consumer is busy. */
export interface BatchStream<B> extends AsyncIterableIterator<B> {
  readonly statistics: StreamStatistics;
  /** Ends the workers. The stream is over; closing again does nothing. */
  close(): void;
}

/**
 * Starts workers that make batches ahead of their use.
 *
 * Use `createLoader` or `createEvaluationLoader`. The stream closes by itself
 * after the last batch, after an error, and when a `for await` loop is left;
 * whoever stops earlier must `close` it.
 *
 * @param source What the workers make; each makes every so many-th batch.
 * @param range.first Number of the first batch.
 * @param range.end Number after the last batch.
 * @param options.prefetch How many batches are made ahead, at least 1.
 * @param options.workers How many workers, at least 1; 1 unless given. The
 * batches do not depend on it.
 * @returns The stream. An error in the worker comes out of `next`, with its
 * class and message, in place of the batch it befell.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openBatchStream } from "ldlab/data/batch_stream.ts";
 * import type { EvaluationBatch } from "ldlab/data/evaluation_batches.ts";
 * import { makeScenes } from "ldlab/data/scenes.ts";
 *
 * const dataset = makeScenes({ seed: 1, count: 4 });
 * const input = { kind: "stretch", width: 64, height: 48 } as const;
 * const stream = openBatchStream<EvaluationBatch>(
 *   { kind: "evaluation", options: { dataset, input, batchSize: 2 } },
 *   { first: 1, end: 2 },
 *   { prefetch: 2 },
 * );
 * const ids = [];
 * for await (const batch of stream) ids.push(...batch.ids);
 * assert.deepEqual(ids, ["scene_1_00002", "scene_1_00003"]);
 * ```
 */
export function openBatchStream<B>(
  source: BatchSource,
  { first, end }: { first: number; end: number },
  { prefetch, workers = 1 }: { prefetch: number; workers?: number },
): BatchStream<B> {
  for (const [name, value] of Object.entries({ workers, prefetch })) {
    if (Number.isInteger(value) && value > 0) continue;
    throw new RangeError(
      `Cannot open a batch stream: ${name} must be a positive integer: current value is ${value}`,
    );
  }
  // Batch n is of the worker n modulo their number, each of which answers in
  // the order it is asked.
  const makers = Array.from({ length: workers }, () => startWorker<B>());
  const makerOf = (number: number) => makers[number % workers];
  const statistics = { batches: 0, waitMs: 0, workMs: 0 };
  let closed = false;
  let asked = first;
  let taken = first;

  const askNext = () => {
    if (asked < end) makerOf(asked).post({ number: asked++ });
  };
  for (const { post } of makers) post({ source });
  for (let ahead = 0; ahead < prefetch; ahead++) askNext();

  function close(): void {
    if (closed) return;
    closed = true;
    for (const maker of makers) {
      maker.worker.terminate();
      maker.wake();
    }
  }

  // Calls that overlap are served in their order.
  let last: Promise<unknown> = Promise.resolve();
  function next(): Promise<IteratorResult<B>> {
    const result = last.then(take);
    last = result.catch(() => {});
    return result;
  }

  async function take(): Promise<IteratorResult<B>> {
    const start = performance.now();
    const maker = makerOf(taken);
    while (!closed && taken < end && maker.ready.length === 0) {
      await new Promise<void>((resolve) => maker.wake = resolve);
    }
    const reply = maker.ready.shift();
    if (closed || reply === undefined) {
      close();
      return { done: true, value: undefined };
    }
    if ("error" in reply) {
      close();
      throw revive(reply.error);
    }
    taken++;
    askNext();
    statistics.batches++;
    statistics.waitMs += performance.now() - start;
    statistics.workMs += reply.workMs;
    return { done: false, value: reply.batch };
  }

  return {
    statistics,
    close,
    next,
    return() {
      close();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** A worker, what it has made that was not taken yet, and who waits for more. */
interface Maker<B> {
  readonly worker: Worker;
  readonly ready: WorkerReply<B>[];
  wake(): void;
  post(request: WorkerRequest): void;
}

function startWorker<B>(): Maker<B> {
  const worker = new Worker(new URL("./loader_worker.ts", import.meta.url), {
    type: "module",
  });
  const maker: Maker<B> = {
    worker,
    ready: [],
    wake: () => {},
    post: (request) => worker.postMessage(request),
  };
  const arrived = (reply: WorkerReply<B>) => {
    maker.ready.push(reply);
    maker.wake();
  };
  worker.onmessage = ({ data }: MessageEvent<WorkerReply<B>>) => arrived(data);
  worker.onerror = (event) => {
    event.preventDefault();
    arrived({ error: { name: "Error", message: event.message } });
  };
  return maker;
}

/** An error of a worker as one of the consumer's. */
function revive({ name, message }: { name: string; message: string }): Error {
  const known: Record<string, new (message: string) => Error> = {
    NotFound: Deno.errors.NotFound,
    RangeError,
    SyntaxError,
    TypeError,
  };
  return new (known[name] ?? Error)(message);
}
