import { setImmediate } from "node:timers/promises";
import type { Detector } from "../detectors/detector.ts";
import type { OnRecord, Precision } from "../engine/compile_options.ts";
import { imagesOf, openBatchLogits } from "./batch_logits.ts";
import type { DecodeOptions } from "./decode_detections.ts";
import { openDecoder } from "./image_decoder.ts";
import { placesOf, type PredictBatch } from "./predict_batch.ts";

/** How fast a detector is. */
export interface Speed {
  /** The mean over the repeats. */
  readonly imagesPerSecond: number;
  /** Images a second of each repeat: timed images by the sum of their times. */
  readonly repeats: readonly number[];
  /** Of an image of a timed batch, over all repeats. */
  readonly medianMilliseconds: number;
  /** Images of a repeat that were timed. */
  readonly images: number;
}

/**
 * Measures how many images a second a detector takes, from arrays in memory to
 * final detections.
 *
 * Use it on batches of one image to compare with published speeds. As in the
 * reference's speed test, a batch's time is that of handing its images over, the
 * forward pass and decoding with suppression; loading comes before it, and the
 * first batches of a repeat, which warm caches, do not count. Nor does a batch
 * whose size is met for the first time, for which the forward pass is recorded.
 * Unlike there, images are normalised and padded before.
 *
 * @param options.detector The detector.
 * @param options.batches Opens the images anew for each repeat; an evaluation
 * loader fits. What is decoded depends on them: noise leaves little or nothing.
 * @param options.warmup Batches of a repeat that do not count, 0 or more; 5 by
 * default.
 * @param options.repeats How often the images are gone through, at least 1; 1 by
 * default.
 * @param options.decode Thresholds, suppression and limits of the detections;
 * those of `decodeDetections` unless given.
 * @param options.signal Polled before every batch.
 * @param options.onRecord Told before the forward pass is recorded, which blocks;
 * awaited.
 * @param options.onBatch Told after each batch which it was, from 1, and how many
 * images a second its repeat takes so far; NaN while none counts.
 * @param options.precision What convolutions compute in; `float32` unless given.
 * @returns The speed.
 * @throws {RangeError} If `warmup` or `repeats` makes no sense, or no batch is left
 * to be timed.
 * @throws {TypeError} If a batch's images do not have its size.
 * @throws {DOMException} `AbortError`, or the signal's own reason, when the
 * signal is aborted.
 * @see MMDetection 3.3.0 `tools/analysis_tools/benchmark.py`: batch 1, 5 images of
 * warm-up, 2000 in all.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createEvaluationLoader } from "ldlab/data/evaluation_loader.ts";
 * import { makeScenes } from "ldlab/data/scenes.ts";
 * import { createDetector } from "ldlab/detectors/create_detector.ts";
 * import { openEngine } from "ldlab/engine/mod.ts";
 * import { measureSpeed } from "ldlab/eval/measure_speed.ts";
 *
 * await openEngine();
 * const detector = createDetector({
 *   kind: "gfl", numClasses: 3, backbone: { depth: 18, baseWidth: 4 }, neckChannels: 8, headChannels: 8,
 *   headConvs: 1, groups: 4,
 * }, { seed: 1 });
 * const dataset = makeScenes({ seed: 1, count: 8 });
 * const input = { kind: "stretch", width: 64, height: 64 } as const;
 * const batches = () => createEvaluationLoader({ dataset, input, batchSize: 1 });
 * const { images, imagesPerSecond } = await measureSpeed({ detector, batches });
 * assert.equal(images, 3); // behind the 5 of the warm-up
 * assert.ok(imagesPerSecond > 0);
 * detector.dispose();
 * ```
 */
export async function measureSpeed(
  {
    detector,
    batches,
    warmup = 5,
    repeats = 1,
    decode,
    signal,
    onRecord,
    onBatch,
    precision,
  }: {
    detector: Detector;
    batches: () => AsyncIterable<PredictBatch>;
    warmup?: number;
    repeats?: number;
    decode?: DecodeOptions;
    signal?: AbortSignal;
    onRecord?: OnRecord;
    onBatch?: (batch: number, imagesPerSecond: number) => void;
    precision?: Precision;
  },
): Promise<Speed> {
  requireCount("warmup", warmup, 0);
  requireCount("repeats", repeats, 1);
  const pass = openBatchLogits(detector, { onRecord, precision });
  const decoded = openDecoder(detector.config, decode);
  const perImage: number[] = []; // seconds, of each timed image
  const speeds: number[] = [];
  let images = 0;
  try {
    while (speeds.length < repeats) {
      let seconds = 0;
      let seen = 0;
      images = 0;
      for await (const batch of batches()) {
        signal?.throwIfAborted();
        const { recordings } = pass.statistics;
        const from = performance.now();
        const tensor = imagesOf(batch);
        const said = await pass.of(tensor).finally(() => tensor.dispose());
        const places = placesOf(batch);
        places.forEach((place, row) => decoded(said[row], place));
        const taken = (performance.now() - from) / 1000;
        const recorded = pass.statistics.recordings > recordings;
        if (seen >= warmup && !recorded) {
          seconds += taken;
          images += places.length;
          perImage.push(...places.map(() => taken / places.length));
        }
        seen++;
        onBatch?.(seen, images / seconds);
        await setImmediate();
      }
      if (images === 0) {
        throw new RangeError(
          `Cannot measure the speed: there must be a batch to time behind the ` +
            `${warmup} of the warm-up and those that are recorded: current ` +
            `number of batches is ${seen}`,
        );
      }
      speeds.push(images / seconds);
    }
  } finally {
    pass.dispose();
  }
  return {
    imagesPerSecond: speeds.reduce((sum, speed) => sum + speed, 0) / repeats,
    repeats: speeds,
    medianMilliseconds: 1000 * median(perImage),
    images,
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}

function requireCount(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new RangeError(
    `Cannot measure the speed: ${name} must be a whole number from ${least}: ` +
      `current value is ${value}`,
  );
}
