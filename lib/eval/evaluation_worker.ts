/** The worker behind `evaluateCocoInWorker` and `evaluateVocInWorker`: evaluates once. */
import { type CocoMetrics, evaluateCoco } from "./coco.ts";
import type { CocoDetections, CocoGroundTruth } from "./coco_images.ts";
import {
  evaluateVoc,
  type VocGroundTruth,
  type VocMetrics,
  type VocMetricsOptions,
} from "./voc.ts";

/** To the worker: the arguments of `evaluateCoco` or `evaluateVoc`. */
export type EvaluationRequest =
  & { readonly detections: readonly CocoDetections[] }
  & (
    | {
      readonly protocol: "coco";
      readonly groundTruth: readonly CocoGroundTruth[];
      readonly options: { readonly numClasses: number };
    }
    | {
      readonly protocol: "voc";
      readonly groundTruth: readonly VocGroundTruth[];
      readonly options: VocMetricsOptions;
    }
  );

/** From the worker: what the function returns or throws. */
export type EvaluationReply<Metrics extends CocoMetrics | VocMetrics> =
  | { readonly metrics: Metrics }
  | { readonly error: Error };

/** The part of a dedicated worker's global scope that is used here. */
interface WorkerScope {
  onmessage: (event: MessageEvent<EvaluationRequest>) => void;
  postMessage(message: EvaluationReply<CocoMetrics | VocMetrics>): void;
}

const scope = self as unknown as WorkerScope;

scope.onmessage = ({ data: request }) => {
  try {
    scope.postMessage({ metrics: evaluate(request) });
  } catch (error) {
    scope.postMessage({ error: error as Error });
  }
};

function evaluate(request: EvaluationRequest): CocoMetrics | VocMetrics {
  const { detections } = request;
  return request.protocol === "coco"
    ? evaluateCoco(request.groundTruth, detections, request.options)
    : evaluateVoc(request.groundTruth, detections, request.options);
}
