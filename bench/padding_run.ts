import { cpuUsage } from "node:process";
import type { RunConfig } from "../experiments/config.ts";
import type { Splits } from "../experiments/data.ts";
import { runSchedule } from "../experiments/run_schedule.ts";
import { makeOptimizer } from "../experiments/trained_parts.ts";
import {
  type Batch,
  createEvaluationLoader,
  createLoader,
  type KeepRatioInput,
  type Size,
  type TrainingBatches,
} from "../lib/data/mod.ts";
import {
  createDetector,
  type Detector,
  targetRuleOf,
} from "../lib/detectors/mod.ts";
import { evaluateCoco, predict, type PredictBatch } from "../lib/eval/mod.ts";
import { makeTrainStep, train } from "../lib/train/mod.ts";
import { resizeCorner } from "./resize_corner.ts";
import { createUnionBatches } from "./union_batches.ts";

/** How the images of a training are padded. */
export interface PaddedTraining {
  /** `union`: as the reference, each batch to the size that holds its images. */
  readonly buckets: number | "union";
  /** Whether cells in the padding learn that they are background. */
  readonly learnt?: true;
}

/** How the images of a test are padded. */
export interface PaddedTest {
  /** An input's size, for what an image is padded to by itself; that unless given. */
  readonly enlarge?: (own: Size) => Size;
  /** Whether cells in the padding may find something. */
  readonly seen?: true;
}

/** What decides the batches beside their padding. */
export interface PaddingTask {
  readonly config: RunConfig;
  readonly input: KeepRatioInput;
  readonly splits: Splits;
}

/** A detector that was trained, and what that took. */
export interface TrainedDetector {
  readonly detector: Detector;
  /** Part of the batches' pixels that is not of images. */
  readonly wasted: number;
  /** Sizes of batches; the step is recorded for each. */
  readonly shapes: number;
  /** Of all steps; of the first ones of a size, which record. */
  readonly seconds: number;
  readonly recording: number;
  /** Of all cores and threads, while steps run: does not depend on the load. */
  readonly processorSeconds: number;
}

/** AP in points. */
export interface Figures {
  readonly ap: number;
  readonly ap50: number;
  readonly ap75: number;
}

/** Trains a detector with batches that are padded in some way. */
export async function trainPadded(
  task: PaddingTask,
  padding: PaddedTraining,
  seed: number,
): Promise<TrainedDetector> {
  const { config } = task;
  const detector = createDetector(config.model, { seed });
  const optimizer = makeOptimizer(config, [detector]);
  const step = makeTrainStep({
    student: detector,
    optimizer,
    clip: config.clipNorm ?? undefined,
  });
  const { batchesPerEpoch, loader } = openBatches(task, padding, seed);
  const shapes = new Set<string>();
  const pixels = { images: 0, batches: 0 };
  const time = { steps: 0, recording: 0, processor: 0 };
  await train<Batch>({
    step: {
      state: step.state,
      async run(batch, learningRate) {
        const { size, imageSizes } = batch;
        pixels.batches += imageSizes.length * area(size);
        for (const image of imageSizes) pixels.images += area(image);
        const start = performance.now();
        const before = cpuUsage();
        const terms = await step.run(batch, learningRate);
        const seconds = (performance.now() - start) / 1000;
        time.steps += seconds;
        const { user, system } = cpuUsage(before);
        time.processor += (user + system) / 1e6;
        const shape = `${size.width}x${size.height}`;
        if (!shapes.has(shape)) time.recording += seconds;
        shapes.add(shape);
        return terms;
      },
    },
    loader,
    schedule: runSchedule(config, batchesPerEpoch),
    totalIterations: batchesPerEpoch * config.epochs,
  });
  step.dispose();
  optimizer.dispose();
  return {
    detector,
    wasted: 1 - pixels.images / pixels.batches,
    shapes: shapes.size,
    seconds: time.steps,
    recording: time.recording,
    processorSeconds: time.processor,
  };
}

/** The batches of a training, from the loader or, the reference's, made here. */
function openBatches(
  { config, input, splits }: PaddingTask,
  { buckets, learnt }: PaddedTraining,
  seed: number,
): { batchesPerEpoch: number; loader: () => AsyncIterable<Batch> } {
  const { epochs } = config;
  const options = {
    dataset: splits.train,
    input,
    target: targetRuleOf(config.model),
    batchSize: config.batchSize,
    seed,
    augmentation: { flips: config.augmentation.flips },
  };
  if (buckets === "union") {
    const batches = createUnionBatches({ ...options, detector: config.model });
    const { batchesPerEpoch } = batches;
    return { batchesPerEpoch, loader: () => inOrder(batches, epochs) };
  }
  const loader = createLoader({
    ...options,
    input: { ...input, buckets },
    epochs,
  });
  return {
    batchesPerEpoch: loader.batchesPerEpoch,
    loader: () => learnt ? allLearnt(loader) : loader,
  };
}

async function* inOrder(
  { batchesPerEpoch, prepare }: TrainingBatches,
  epochs: number,
): AsyncGenerator<Batch> {
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let index = 0; index < batchesPerEpoch; index++) {
      yield await prepare(epoch, index);
    }
  }
}

async function* allLearnt(
  batches: AsyncIterable<Batch>,
): AsyncGenerator<Batch> {
  for await (const batch of batches) {
    yield { ...batch, labelWeights: batch.labelWeights!.map(() => 1) };
  }
}

/** Measures a detector with images that are padded in some way. */
export async function testPadded(
  { config, input, splits: { test } }: PaddingTask,
  { enlarge = (own) => own, seen }: PaddedTest,
  detector: Detector,
): Promise<Figures> {
  const loader = createEvaluationLoader({
    dataset: test,
    input,
    batchSize: config.batchSize,
  });
  async function* padded(): AsyncGenerator<PredictBatch> {
    for await (const batch of loader) {
      const size = enlarge(batch.size);
      const paddedSizes = seen
        ? batch.paddedSizes.map(() => size)
        : batch.paddedSizes;
      yield { ...enlarged(batch, size), paddedSizes };
    }
  }
  const detections = await predict({ detector, batches: padded() });
  const { ap, ap50, ap75 } = evaluateCoco(test.images, detections, {
    numClasses: test.classes.length,
  });
  return { ap: 100 * ap, ap50: 100 * ap50, ap75: 100 * ap75 };
}

/** A batch with more zeros at the right and below. */
function enlarged(batch: PredictBatch, size: Size): PredictBatch {
  const length = 3 * area(batch.size);
  const count = batch.images.length / length;
  const images = new Float32Array(count * 3 * area(size));
  for (let row = 0; row < count; row++) {
    const image = batch.images.subarray(row * length, (row + 1) * length);
    images.set(
      resizeCorner(image, { from: batch.size, to: size, channels: 3 }),
      row * 3 * area(size),
    );
  }
  return { ...batch, size, images };
}

function area({ width, height }: Size): number {
  return width * height;
}
