// A anchors of all levels, C classes, n numbers a side.
import { setImmediate } from "node:timers/promises";
import type { Detector } from "../detectors/detector.ts";
import type { OnRecord, Precision } from "../engine/compile_options.ts";
import { imagesOf, openBatchLogits } from "./batch_logits.ts";
import type { ImageLogits } from "./decode_detections.ts";
import {
  type InputPlace,
  placesOf,
  type PredictBatch,
} from "./predict_batch.ts";

/** What detectors say about one image. */
export interface SaidOfImage extends InputPlace {
  /** Of each detector, in the detectors' order. */
  readonly logits: ImageLogits[];
  /** The image's place in the data set. */
  readonly index: number;
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
 * @param options.batches The images, of one size or several.
 * @param options.signal Polled before every batch and after every image.
 * @param options.onRecord Told before a forward pass is recorded, which blocks;
 * awaited. It is, for each size of images.
 * @param options.precision What convolutions compute in; `float32` unless given.
 * @returns For each image, in the order of the batches, the logits of each
 * detector, which image it is and where it lies in the input. Leave the `for await`
 * loop to end it.
 * @throws {TypeError} If a batch's images do not have its size.
 * @throws {DOMException} `AbortError`, or the signal's own reason, when the
 * signal is aborted.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createEvaluationLoader } from "ldlab/data/evaluation_loader.ts";
 * import { makeScenes } from "ldlab/data/scenes.ts";
 * import { createDetector } from "ldlab/detectors/create_detector.ts";
 * import { anchorsOf } from "ldlab/detectors/detector_anchors.ts";
 * import { openEngine } from "ldlab/engine/mod.ts";
 * import { imageLogits } from "ldlab/eval/image_logits.ts";
 * import { teacherStudentErrors } from "ldlab/eval/teacher_student_errors.ts";
 *
 * await openEngine();
 * const input = { kind: "stretch", width: 64, height: 64 } as const;
 * const config = { kind: "gfl", numClasses: 3, backbone: { depth: 18, baseWidth: 4 }, neckChannels: 8, headChannels: 8, headConvs: 1, groups: 4 } as const;
 * const detectors = [createDetector(config, { seed: 1 }), createDetector(config, { seed: 2 })];
 * const batches = createEvaluationLoader({ dataset: makeScenes({ seed: 1, count: 3 }), input, batchSize: 2 });
 * const errors = teacherStudentErrors({ anchors: anchorsOf(config, input) });
 * for await (const { logits: [student, teacher] } of imageLogits({ detectors, batches })) {
 *   errors.add(student, teacher);
 * }
 * assert.equal(errors.mean()[0].weight, 3 * 8 * 8); // three images of 8 × 8 cells on P3
 * detectors.forEach((detector) => detector.dispose());
 * ```
 */
export async function* imageLogits(
  { detectors, batches, signal, onRecord, precision }: {
    detectors: readonly Detector[];
    batches: AsyncIterable<PredictBatch>;
    signal?: AbortSignal;
    onRecord?: OnRecord;
    precision?: Precision;
  },
): AsyncGenerator<SaidOfImage> {
  const passes = detectors.map((detector) =>
    openBatchLogits(detector, { onRecord, precision })
  );
  try {
    for await (const batch of batches) {
      signal?.throwIfAborted();
      const images = imagesOf(batch);
      const said: ImageLogits[][] = []; // of each detector, of each image
      try {
        for (const pass of passes) said.push(await pass.of(images));
      } finally {
        images.dispose();
      }
      for (const [row, place] of placesOf(batch).entries()) {
        const logits = said.map((rows) => rows[row]);
        yield { ...place, index: batch.indices[row], logits };
        await setImmediate();
        signal?.throwIfAborted();
      }
    }
  } finally {
    for (const pass of passes) pass.dispose();
  }
}
