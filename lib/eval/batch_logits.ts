// B images, H and W input pixels, A anchors of all levels, C classes, n numbers.
import * as tf from "@tensorflow/tfjs-core";
import type { Detector } from "../detectors/detector.ts";
import {
  type InferenceOutputs,
  inferenceStep,
} from "../detectors/inference_step.ts";
import { compile } from "../engine/compile.ts";
import type {
  CompileOptions,
  CompileStatistics,
} from "../engine/compile_options.ts";
import type { ImageLogits } from "./decode_detections.ts";
import type { PredictBatch } from "./predict_batch.ts";

/**
 * How many sizes stay recorded: far more than data sets have, as recording takes
 * seconds.
 */
const SIGNATURES = 32;

/** A detector's forward pass, compiled, to values on the host. */
export interface BatchLogits {
  /** What the detector says about each image of a batch [B, H, W, 3]. */
  of(images: tf.Tensor4D): Promise<ImageLogits[]>;
  /** What was recorded and run so far. */
  readonly statistics: CompileStatistics;
  /** Frees what was recorded; the detector belongs to the caller. */
  dispose(): void;
}

/**
 * Opens a detector's forward pass, with its running statistics, and reads back
 * what it says.
 *
 * Use it for single batches; `imageLogits` and `predict` go through many. It is
 * recorded once for each size of images, and leaves the event loop free.
 *
 * @param detector The detector.
 * @param options.onRecord Told before the forward pass is recorded, which blocks;
 * awaited.
 * @param options.precision What convolutions compute in; `float32` unless given.
 * @returns The forward pass.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { createDetector } from "ldlab/detectors/create_detector.ts";
 * import { openEngine } from "ldlab/engine/mod.ts";
 * import { openBatchLogits } from "ldlab/eval/batch_logits.ts";
 *
 * await openEngine();
 * const detector = createDetector({
 *   kind: "fcos", numClasses: 3, backbone: { depth: 18, baseWidth: 4 }, neckChannels: 8,
 *   headChannels: 8, headConvs: 1, groups: 4,
 * }, { seed: 1 });
 * const logits = openBatchLogits(detector);
 * const [first, second] = await logits.of(tf.zeros([2, 64, 64, 3]));
 * assert.equal(first.centerness!.length, 86);
 * assert.deepEqual(first, second);
 * logits.dispose();
 * detector.dispose();
 * ```
 */
export function openBatchLogits(
  detector: Detector,
  options: Pick<CompileOptions, "onRecord" | "precision"> = {},
): BatchLogits {
  const forward = compile(inferenceStep(detector), {
    name: "predict",
    signatures: SIGNATURES,
    ...options,
  });
  return {
    of: async (images) =>
      rowsOf(await read(forward({ images })), images.shape[0]),
    statistics: forward.statistics,
    dispose: () => forward.dispose(),
  };
}

/**
 * The images of a batch as a tensor, which the caller owns.
 *
 * @param batch The batch.
 * @returns [B, H, W, 3]; B follows from the length.
 * @throws {TypeError} If the length is not that of whole images of the size.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import "@tensorflow/tfjs";
 * import { imagesOf } from "ldlab/eval/batch_logits.ts";
 *
 * const size = { width: 4, height: 2 };
 * const images = imagesOf({ size, images: new Float32Array(2 * 2 * 4 * 3) });
 * assert.deepEqual(images.shape, [2, 2, 4, 3]);
 * images.dispose();
 * ```
 */
export function imagesOf(
  { size: { width, height }, images }: Pick<PredictBatch, "size" | "images">,
): tf.Tensor4D {
  const rows = images.length / (height * width * 3);
  if (!Number.isInteger(rows) || rows === 0) {
    throw new TypeError(
      `Cannot run a detector: images must be [B, ${height}, ${width}, 3] as the ` +
        `batch's size says: current length is ${images.length}`,
    );
  }
  return tf.tensor4d(images, [rows, height, width, 3]);
}

/** The values of a batch's outputs, which are freed, by name. */
async function read(
  running: Promise<InferenceOutputs>,
): Promise<[name: string, values: Float32Array][]> {
  const outputs = await running;
  try {
    return await Promise.all(
      Object.entries(outputs).map(async ([name, tensor]) =>
        [name, await tensor.data<"float32">()] as [string, Float32Array]
      ),
    );
  } finally {
    tf.dispose(outputs);
  }
}

function rowsOf(
  outputs: [name: string, values: Float32Array][],
  rows: number,
): ImageLogits[] {
  return Array.from({ length: rows }, (_, row) => {
    const own = outputs.map(([name, values]) => {
      const length = values.length / rows;
      return [name, values.subarray(row * length, (row + 1) * length)];
    });
    return Object.fromEntries(own) as ImageLogits;
  });
}
