/** The worker behind `evaluateCocoInWorker`: evaluates once. */
import { type CocoMetrics, evaluateCoco } from "./coco.ts";
import type { CocoDetections, CocoGroundTruth } from "./coco_images.ts";

/** To the worker: the arguments of `evaluateCoco`. */
export interface CocoRequest {
  readonly groundTruth: readonly CocoGroundTruth[];
  readonly detections: readonly CocoDetections[];
  readonly numClasses: number;
}

/** From the worker: what `evaluateCoco` returns or throws. */
export type CocoReply =
  | { readonly metrics: CocoMetrics }
  | { readonly error: Error };

/** The part of a dedicated worker's global scope that is used here. */
interface WorkerScope {
  onmessage: (event: MessageEvent<CocoRequest>) => void;
  postMessage(message: CocoReply): void;
}

const scope = self as unknown as WorkerScope;

scope.onmessage = ({ data: { groundTruth, detections, numClasses } }) => {
  try {
    const metrics = evaluateCoco(groundTruth, detections, { numClasses });
    scope.postMessage({ metrics });
  } catch (error) {
    scope.postMessage({ error: error as Error });
  }
};
