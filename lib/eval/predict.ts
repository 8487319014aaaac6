import type { Detector } from "../detectors/detector.ts";
import type { OnRecord, Precision } from "../engine/compile_options.ts";
import type { DecodeOptions } from "./decode_detections.ts";
import type { Detections } from "./detections.ts";
import { openDecoder } from "./image_decoder.ts";
import { imageLogits } from "./image_logits.ts";
import type { PredictBatch } from "./predict_batch.ts";

/**
 * Runs a detector over images and decodes what it says, image by image.
 *
 * Use it to evaluate: `evaluateCoco(dataset.images, detections, …)`. The
 * forward pass (batch norms with their running statistics) is compiled, for each
 * size of images, and leaves the event loop free; other work gets its turn after
 * each image. What is found does not depend on the images beside. Padding of the
 * batch beyond an image's own finds nothing, but the group norms of heads see it:
 * batches of an evaluation loader have none.
 *
 * @param options.detector The detector.
 * @param options.batches The images, of one size or several.
 * @param options.decode Thresholds, suppression and limits of the detections;
 * those of `decodeDetections` unless given.
 * @param options.signal Polled before every batch and image.
 * @param options.onRecord Told before the forward pass is recorded, which
 * blocks; awaited.
 * @param options.onImage Told after each image how many are done.
 * @param options.precision What its convolutions compute in; `float32` unless
 * given.
 * @returns The detections of each image, in the order of the data set (of the
 * batches' `indices`), boxes in pixels of the original image.
 * @throws {TypeError} If a batch's images do not have its size.
 * @throws {DOMException} `AbortError`, or the signal's own reason, when the
 * signal is aborted.
 * @see {@linkcode decodeDetections} for what the options of decoding mean.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createEvaluationLoader } from "ldlab/data/evaluation_loader.ts";
 * import { makeScenes } from "ldlab/data/scenes.ts";
 * import { createDetector } from "ldlab/detectors/create_detector.ts";
 * import { openEngine } from "ldlab/engine/mod.ts";
 * import { evaluateCoco } from "ldlab/eval/coco.ts";
 * import { predict } from "ldlab/eval/predict.ts";
 *
 * await openEngine();
 * const dataset = makeScenes({ seed: 1, count: 3 });
 * const numClasses = dataset.classes.length;
 * const detector = createDetector({
 *   kind: "gfl", numClasses, backbone: { depth: 18, baseWidth: 4 }, neckChannels: 8, headChannels: 8,
 *   headConvs: 1, groups: 4,
 * }, { seed: 1 });
 * const input = { kind: "stretch", width: 64, height: 64 } as const;
 * const detections = await predict({
 *   detector,
 *   batches: createEvaluationLoader({ dataset, input, batchSize: 2 }),
 * });
 * assert.equal(detections.length, 3);
 * const { ap } = evaluateCoco(dataset.images, detections, { numClasses });
 * assert.ok(ap < 0.1); // nothing has been learnt yet
 * detector.dispose();
 * ```
 */
export async function predict(
  { detector, batches, decode, signal, onRecord, onImage, precision }: {
    detector: Detector;
    batches: AsyncIterable<PredictBatch>;
    decode?: DecodeOptions;
    signal?: AbortSignal;
    onRecord?: OnRecord;
    onImage?: (done: number) => void;
    precision?: Precision;
  },
): Promise<Detections[]> {
  const found: { index: number; detections: Detections }[] = [];
  const decoded = openDecoder(detector.config, decode);
  const options = {
    detectors: [detector],
    batches,
    signal,
    onRecord,
    precision,
  };
  for await (
    const { logits: [logits], index, ...place } of imageLogits(options)
  ) {
    found.push({ index, detections: decoded(logits, place) });
    onImage?.(found.length);
  }
  return found.sort((a, b) => a.index - b.index)
    .map(({ detections }) => detections);
}
