import type { CocoMetrics } from "./coco.ts";
import type {
  EvaluationReply,
  EvaluationRequest,
} from "./evaluation_worker.ts";
import type { VocMetrics } from "./voc.ts";

/**
 * Evaluates in a worker, so that the event loop stays free.
 *
 * `evaluateCocoInWorker` and `evaluateVocInWorker` call it.
 *
 * @param request What to evaluate; copied.
 * @param signal Ends the worker.
 * @returns The figures of `evaluateCoco` or `evaluateVoc`.
 * @throws {DOMException} `AbortError`, or the signal's own reason, when the
 * signal is aborted; else what the function throws.
 */
export async function evaluateInWorker<
  Metrics extends CocoMetrics | VocMetrics,
>(
  request: EvaluationRequest,
  signal: AbortSignal | undefined,
): Promise<Metrics> {
  signal?.throwIfAborted();
  const worker = new Worker(
    new URL("./evaluation_worker.ts", import.meta.url),
    {
      type: "module",
    },
  );
  const { promise, resolve, reject } = Promise.withResolvers<
    EvaluationReply<Metrics>
  >();
  const stop = () => reject(signal!.reason);
  signal?.addEventListener("abort", stop);
  worker.onmessage = ({ data }: MessageEvent<EvaluationReply<Metrics>>) =>
    resolve(data);
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(event.message));
  };
  try {
    worker.postMessage({
      ...request,
      detections: request.detections.map(({ boxes, scores, labels }) => ({
        boxes,
        scores,
        labels,
      })),
    });
    const reply = await promise;
    if ("error" in reply) throw reply.error;
    return reply.metrics;
  } finally {
    signal?.removeEventListener("abort", stop);
    worker.terminate();
  }
}
