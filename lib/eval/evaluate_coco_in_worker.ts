import type { CocoMetrics } from "./coco.ts";
import type { CocoDetections, CocoGroundTruth } from "./coco_images.ts";
import { evaluateInWorker } from "./evaluate_in_worker.ts";

/**
 * The COCO metrics of a detector on a data set, computed in a worker: what
 * `evaluateCoco` gives, while the event loop stays free.
 *
 * Use it while something else goes on, as progress, a server or a training:
 * thousands of images take seconds. The arrays are copied.
 *
 * @param groundTruth What is in each image.
 * @param detections What was found in each image, in the same order.
 * @param options.numClasses Number of classes.
 * @param options.signal Ends the worker.
 * @returns The figures of `evaluateCoco`.
 * @throws {TypeError} If the images, or the fields of an image, differ in number.
 * @throws {RangeError} If a label is not in [0, numClasses), or a coordinate or
 * score is NaN.
 * @throws {DOMException} `AbortError`, or the signal's own reason, when the
 * signal is aborted.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { evaluateCocoInWorker } from "ldlab/eval/evaluate_coco_in_worker.ts";
 *
 * const { ap50 } = await evaluateCocoInWorker(
 *   [{ boxes: [0, 0, 40, 40], labels: [0] }],
 *   [{ boxes: [0, 0, 40, 36], scores: [0.9], labels: [0] }], // IoU 0.9
 *   { numClasses: 1 },
 * );
 * assert.equal(ap50.toFixed(6), "1.000000");
 * ```
 */
export function evaluateCocoInWorker(
  groundTruth: readonly CocoGroundTruth[],
  detections: readonly CocoDetections[],
  { numClasses, signal }: { numClasses: number; signal?: AbortSignal },
): Promise<CocoMetrics> {
  return evaluateInWorker<CocoMetrics>({
    protocol: "coco",
    // Records of a data set hold more than is asked for.
    groundTruth: groundTruth.map(({ boxes, labels, areas, crowd }) => ({
      boxes,
      labels,
      areas,
      crowd,
    })),
    detections,
    options: { numClasses },
  }, signal);
}
