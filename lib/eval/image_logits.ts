// B images, H and W input pixels, A locations of all levels, C classes, n bins.
import { setImmediate } from "node:timers/promises";
import * as tf from "@tensorflow/tfjs-core";
import type { Detector } from "../detectors/detector.ts";
import { inferenceStep } from "../detectors/inference_step.ts";
import { compile, type OnRecord, type Precision } from "../engine/compile.ts";

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

/** What a detector says about one image, before any decoding. */
export interface ImageLogits {
  /** `[A, C]`. */
  readonly classLogits: Float32Array;
  /** `[A, 4, n]`, sides left, top, right, bottom. */
  readonly boxLogits: Float32Array;
}

/**
 * Runs detectors over images and gives what each says, image by image.
 *
 * Use it to look at what detectors say before it is decoded, teacher beside
 * student: `teacherStudentErrors` and `boxLogitErrorMap` take it. `predict`
 * decodes it. The forward passes (batch norms with their running statistics)
 * are compiled and leave the event loop free; other work gets its turn after
 * each image.
 *
 * @param options.detectors One detector or several.
 * @param options.batches Batches in the dataset's order.
 * @param options.input Size of the network's input in pixels.
 * @param options.signal Polled before every batch and after every image.
 * @param options.onRecord Told before a forward pass is recorded, which blocks;
 * awaited.
 * @param options.precision What convolutions compute in; `float32` unless given.
 * @returns For each image the logits of each detector, in the detectors' order,
 * and the image's scale. Leave the `for await` loop to end it.
 * @throws {DOMException} `AbortError`, or the signal's own reason, when the
 * signal is aborted.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { createEvaluationLoader } from "ldlab/data/evaluation_loader.ts";
 * import { makeScenes } from "ldlab/data/scenes.ts";
 * import { createDetector } from "ldlab/detectors/create_detector.ts";
 * import { openEngine } from "ldlab/engine/mod.ts";
 * import { imageLogits } from "ldlab/eval/image_logits.ts";
 * import { teacherStudentErrors } from "ldlab/eval/teacher_student_errors.ts";
 *
 * await openEngine();
 * const input = { width: 64, height: 64 };
 * const config = { kind: "gfl", numClasses: 3, backbone: { depth: 18, baseWidth: 4 }, neckChannels: 8, headChannels: 8, headConvs: 1, groups: 4 };
 * const detectors = [createDetector(config, { seed: 1 }), createDetector(config, { seed: 2 })];
 * const dataset = makeScenes({ seed: 1, count: 3 });
 * const batches = createEvaluationLoader({ dataset, input: { kind: "stretch", ...input }, batchSize: 2 });
 * const errors = teacherStudentErrors({ anchors: makeAnchors(input) });
 * for await (const { logits: [student, teacher] } of imageLogits({ detectors, batches, input })) {
 *   errors.add(student, teacher);
 * }
 * assert.equal(errors.mean()[0].weight, 3 * 8 * 8); // three images of 8 × 8 cells on P3
 * detectors.forEach((detector) => detector.dispose());
 * ```
 */
export async function* imageLogits(
  { detectors, batches, input, signal, onRecord, precision }: {
    detectors: readonly Detector[];
    batches: AsyncIterable<PredictBatch>;
    input: { readonly width: number; readonly height: number };
    signal?: AbortSignal;
    onRecord?: OnRecord;
    precision?: Precision;
  },
): AsyncGenerator<{ logits: ImageLogits[]; scale: { x: number; y: number } }> {
  const { width, height } = input;
  const steps = detectors.map((detector) =>
    compile(inferenceStep(detector), { name: "predict", onRecord, precision })
  );
  try {
    for await (const batch of batches) {
      signal?.throwIfAborted();
      const rows = batch.images.length / (height * width * 3);
      const images = tf.tensor4d(batch.images, [rows, height, width, 3]);
      const said: ImageLogits[] = [];
      try {
        for (const forward of steps) said.push(await read(forward({ images })));
      } finally {
        images.dispose();
      }
      for (const [row, scale] of batch.scales.entries()) {
        const ofRow = (logits: Float32Array) =>
          logits.subarray(
            row * logits.length / rows,
            (row + 1) * logits.length / rows,
          );
        const logits = said.map(({ classLogits, boxLogits }) => ({
          classLogits: ofRow(classLogits),
          boxLogits: ofRow(boxLogits),
        }));
        yield { logits, scale };
        await setImmediate();
        signal?.throwIfAborted();
      }
    }
  } finally {
    for (const forward of steps) forward.dispose();
  }
}

/** The values of a batch's outputs, which are freed. */
async function read(
  running: Promise<ReturnType<ReturnType<typeof inferenceStep>>>,
): Promise<ImageLogits> {
  const outputs = await running;
  try {
    const [classLogits, boxLogits] = await Promise.all([
      outputs.classLogits.data<"float32">(),
      outputs.boxLogits.data<"float32">(),
    ]);
    return { classLogits, boxLogits };
  } finally {
    tf.dispose(outputs);
  }
}
