import type { Anchors } from "../boxes/anchors.ts";
import type { Detector } from "../detectors/detector.ts";
import type { OnRecord, Precision } from "../engine/compile.ts";
import { decodeDetections, type DecodeOptions } from "./decode_detections.ts";
import type { Detections } from "./detections.ts";
import { imageLogits, type PredictBatch } from "./image_logits.ts";

/**
 * Runs a detector over images and decodes what it says, image by image.
 *
 * Use it to evaluate: `evaluateCoco(dataset.images, detections, …)`. The
 * forward pass (batch norms with their running statistics) is compiled and
 * leaves the event loop free; other work gets its turn after each image.
 *
 * @param options.detector The detector.
 * @param options.batches Batches in the dataset's order.
 * @param options.anchors Anchors of the network's input.
 * @param options.input Size of the network's input in pixels.
 * @param options.decode Thresholds, suppression and limits of the detections;
 * those of `decodeDetections` unless given.
 * @param options.signal Polled before every batch and image.
 * @param options.onRecord Told before the forward pass is recorded, which
 * blocks; awaited.
 * @param options.precision What its convolutions compute in; `float32` unless
 * given.
 * @returns The detections of each image, in the order of the batches, boxes in
 * pixels of the original image.
 * @throws {DOMException} `AbortError`, or the signal's own reason, when the
 * signal is aborted.
 * @see {@linkcode decodeDetections} for what the options of decoding mean.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
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
 * const input = { width: 64, height: 64 };
 * const detections = await predict({
 *   detector,
 *   batches: createEvaluationLoader({ dataset, input: { kind: "stretch", ...input }, batchSize: 2 }),
 *   anchors: makeAnchors(input),
 *   input,
 * });
 * assert.equal(detections.length, 3);
 * const { ap } = evaluateCoco(dataset.images, detections, { numClasses });
 * assert.ok(ap < 0.1); // nothing has been learnt yet
 * detector.dispose();
 * ```
 */
export async function predict(
  { detector, batches, anchors, input, decode, signal, onRecord, precision }: {
    detector: Detector;
    batches: AsyncIterable<PredictBatch>;
    anchors: Anchors;
    input: { readonly width: number; readonly height: number };
    decode?: DecodeOptions;
    signal?: AbortSignal;
    onRecord?: OnRecord;
    precision?: Precision;
  },
): Promise<Detections[]> {
  const detections: Detections[] = [];
  const detectors = [detector];
  const options = { detectors, batches, input, signal, onRecord, precision };
  for await (const { logits: [logits], scale } of imageLogits(options)) {
    detections.push(decodeDetections({
      ...decode,
      ...logits,
      anchors,
      imageSize: input,
      scale: [scale.x, scale.y],
    }));
  }
  return detections;
}
