// B images, H and W input pixels, A locations of all levels, C classes, n bins.
import { setImmediate } from "node:timers/promises";
import * as tf from "@tensorflow/tfjs-core";
import type { Anchors } from "../boxes/anchors.ts";
import type { Detector } from "../detectors/detector.ts";
import { inferenceStep } from "../detectors/inference_step.ts";
import { compile, type OnRecord, type Precision } from "../engine/compile.ts";
import { decodeDetections } from "./decode_detections.ts";
import type { Detections } from "./detections.ts";

/** Images to detect objects in; an evaluation loader's batches fit as they are. */
export interface PredictBatch {
  /** [B, H, W, 3], normalised as in training; of all batches one length. */
  readonly images: Float32Array;
  /**
   * [count], input pixels per original pixel. Images after the first `count`
   * only fill up the batch.
   */
  readonly scales: readonly { readonly x: number; readonly y: number }[];
}

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
 * @param options.signal Polled before every batch and image.
 * @param options.onRecord Told before the forward pass is recorded, which
 * blocks; awaited.
 * @param options.precision What its convolutions compute in; `float32` unless
 * given.
 * @returns The detections of each image, in the order of the batches, boxes in
 * pixels of the original image.
 * @throws {DOMException} `AbortError`, or the signal's own reason, when the
 * signal is aborted.
 * @see {@linkcode decodeDetections} for thresholds and suppression.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { createEvaluationLoader } from "ldlab/data/evaluation_loader.ts";
 * import { makeScenes } from "ldlab/data/scenes.ts";
 * import { createGfl } from "ldlab/detectors/gfl.ts";
 * import { openEngine } from "ldlab/engine/mod.ts";
 * import { evaluateCoco } from "ldlab/eval/coco.ts";
 * import { predict } from "ldlab/eval/predict.ts";
 *
 * await openEngine();
 * const dataset = makeScenes({ seed: 1, count: 3 });
 * const numClasses = dataset.classes.length;
 * const detector = createGfl({
 *   numClasses, depth: 18, baseWidth: 4, neckChannels: 8, headChannels: 8,
 *   headConvs: 1, groups: 4,
 * }, { seed: 1 });
 * const input = { width: 64, height: 64 };
 * const detections = await predict({
 *   detector,
 *   batches: createEvaluationLoader({ dataset, ...input, batchSize: 2 }),
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
  { detector, batches, anchors, input, signal, onRecord, precision }: {
    detector: Detector;
    batches: AsyncIterable<PredictBatch>;
    anchors: Anchors;
    input: { readonly width: number; readonly height: number };
    signal?: AbortSignal;
    onRecord?: OnRecord;
    precision?: Precision;
  },
): Promise<Detections[]> {
  const { width, height } = input;
  const forward = compile(inferenceStep(detector), {
    name: "predict",
    onRecord,
    precision,
  });
  const detections: Detections[] = [];
  try {
    for await (const batch of batches) {
      signal?.throwIfAborted();
      const rows = batch.images.length / (height * width * 3);
      const images = tf.tensor4d(batch.images, [rows, height, width, 3]);
      const outputs = await forward({ images }).finally(() => images.dispose());
      const [classLogits, boxLogits] = await Promise.all([
        outputs.classLogits.data<"float32">(),
        outputs.boxLogits.data<"float32">(),
      ]).finally(() => tf.dispose(outputs));
      const ofRow = (logits: Float32Array, row: number) =>
        logits.subarray(
          row * logits.length / rows,
          (row + 1) * logits.length / rows,
        );
      for (const [row, { x, y }] of batch.scales.entries()) {
        detections.push(decodeDetections({
          classLogits: ofRow(classLogits, row),
          boxLogits: ofRow(boxLogits, row),
          anchors,
          imageSize: input,
          scale: [x, y],
        }));
        await setImmediate();
        signal?.throwIfAborted();
      }
    }
    return detections;
  } finally {
    forward.dispose();
  }
}
