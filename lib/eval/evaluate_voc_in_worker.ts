import type { CocoDetections } from "./coco_images.ts";
import { evaluateInWorker } from "./evaluate_in_worker.ts";
import type { VocGroundTruth, VocMetrics, VocMetricsOptions } from "./voc.ts";

/**
 * The Pascal VOC metrics of a detector on a data set, computed in a worker: what
 * `evaluateVoc` gives, while the event loop stays free.
 *
 * Use it while something else goes on, as progress, a server or a training:
 * thousands of images take seconds. The arrays are copied.
 *
 * @param groundTruth What is in each image.
 * @param detections What was found in each image, in the same order.
 * @param options Those of `evaluateVoc`.
 * @param options.signal Ends the worker.
 * @returns The figures of `evaluateVoc`.
 * @throws {TypeError} If the images, or the fields of an image, differ in number.
 * @throws {RangeError} If a label is not in [0, numClasses), a coordinate or
 * score is NaN, or an option makes no sense.
 * @throws {DOMException} `AbortError`, or the signal's own reason, when the
 * signal is aborted.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { evaluateVocInWorker } from "ldlab/eval/evaluate_voc_in_worker.ts";
 *
 * const { ap } = await evaluateVocInWorker(
 *   [{ boxes: [0, 0, 40, 40], labels: [0] }],
 *   [{ boxes: [0, 0, 40, 36], scores: [0.9], labels: [0] }], // IoU 0.9
 *   { numClasses: 1 },
 * );
 * assert.equal(ap.toFixed(3), "0.900"); // found at nine thresholds of ten
 * ```
 */
export function evaluateVocInWorker(
  groundTruth: readonly VocGroundTruth[],
  detections: readonly CocoDetections[],
  { signal, ...options }: VocMetricsOptions & { signal?: AbortSignal },
): Promise<VocMetrics> {
  return evaluateInWorker<VocMetrics>({
    protocol: "voc",
    // Records of a data set hold more than is asked for.
    groundTruth: groundTruth.map(({ boxes, labels, difficult }) => ({
      boxes,
      labels,
      difficult,
    })),
    detections,
    options,
  }, signal);
}
