import { createRandom } from "../random/random.ts";
import { type LabelRegion, regionKey } from "../regions/region.ts";
import { GFL_TARGETS, type TargetRule } from "../regions/target_rule.ts";
import { augment, type Augmentation, type Augmented } from "./augmentation.ts";
import { batchesBySize, type SizedBatch } from "./batches_by_size.ts";
import type { Dataset } from "./dataset.ts";
import { epochOrder } from "./epoch_order.ts";
import { makeTargets } from "./image_targets.ts";
import type { InputConfig } from "./input.ts";
import { openInputImages } from "./input_images.ts";
import type { LabeledBoxes } from "./jitter.ts";
import { keepRatioInside, type ResizedSize } from "./keep_ratio.ts";
import { CACHE_BYTES } from "./kept_images.ts";
import type { Size } from "./size_buckets.ts";

// B batch, H and W input pixels, A anchors, C classes.

/** Everything a training batch depends on, beside its number. Plain data. */
export interface TrainingBatchOptions {
  readonly dataset: Dataset;
  /** How images become the network's input. */
  readonly input: InputConfig;
  /** Anchors and their assigner, as `targetRuleOf`; GFL's unless given. */
  readonly target?: TargetRule;
  readonly batchSize: number;
  /** Seed of order and augmentation, an integer. */
  readonly seed: number;
  readonly augmentation: Augmentation;
  /**
   * Regions whose weights the batches bring, as `termNeeds` lists them; none
   * unless given.
   */
  readonly regions?: readonly LabelRegion[];
  /**
   * What decoded images may take in memory, and a quarter of it what their
   * targets may; 1 GiB unless given. The rest is made again each time.
   */
  readonly cacheBytes?: number;
}

/**
 * One training step's data; its shapes follow from its size, whatever the images
 * hold.
 */
export interface Batch {
  /** From 0. */
  readonly epoch: number;
  /** From 0 in each epoch. */
  readonly index: number;
  /** W × H, the network's input in pixels, one of `inputSizes`. */
  readonly size: Size;
  /** [B, H, W, 3], normalised; RGB unless the input's normalisation says BGR. */
  readonly images: Float32Array;
  /** [B], sizes of the images inside the input in pixels. */
  readonly imageSizes: readonly Size[];
  /** [B, A], class, C for background. */
  readonly labels: Int32Array;
  /** [B, A, 4], x1, y1, x2, y2 in input pixels, 0 for background. */
  readonly boxTargets: Float32Array;
  /**
   * [B, A], 0 where the class is not learnt: beyond an image's own padding, and
   * between max-IoU's thresholds. Only where images keep their ratio or the
   * assigner is max-IoU; else all are learnt.
   */
  readonly labelWeights?: Float32Array;
  /** [B, A] each: the weights of the regions, by their `regionKey`. */
  readonly regions: Readonly<Record<string, Float32Array>>;
  /** [B], ids of the images. */
  readonly ids: readonly string[];
  /**
   * [B], image file and flip, for example
   * `data/bccd/JPEGImages/BloodImage_00007.jpg|hv`, and where images keep their
   * ratio the sizes too, `…|h|1067x800 in 1344x800`: equal keys have equal inputs,
   * so what a frozen teacher says about one may be kept, also where data sets
   * share ids. Undefined where the image is jittered or its scale is drawn.
   */
  readonly keys: readonly (string | undefined)[];
  /** Ground-truth boxes in the batch. */
  readonly groundTruth: number;
}

/** Makes the batches of a training run, in any order. */
export interface TrainingBatches {
  readonly batchesPerEpoch: number;
  /** Makes a batch; it depends on the arguments only. */
  prepare(epoch: number, index: number): Promise<Batch>;
}

/** An image as an epoch has it, its boxes in pixels of the input. */
interface Sample extends Augmented {
  /** Which image of the data set. */
  readonly picture: number;
  /** Its size inside the input. */
  readonly resized: ResizedSize;
  /** The input. */
  readonly size: Size;
}

/** The samples of an epoch, in its order, and which batches they are in. */
interface Epoch {
  readonly epoch: number;
  readonly order: Uint32Array;
  readonly drawn: readonly ResizedSize[];
  readonly batches: readonly SizedBatch[];
}

/**
 * Makes training batches: images shuffled each epoch, those that do not fill a
 * batch dropped, each resized, augmented and normalised, its anchors assigned
 * by the detector's rule and weighed for the regions of distillation.
 *
 * Use it to look at single batches; `createLoader` runs it in workers. A batch
 * is a function of (seed, epoch, index), its samples of (seed, epoch,
 * position). Difficult boxes are not learnt, as in MMDetection.
 *
 * Where images keep their ratio, boxes are clipped to the resized image, which is
 * then flipped and lies in the upper left corner of the batch's size. Each batch has one of a few sizes (`batchesBySize`). Anchors
 * beyond the image's own padding take no part in assignment, regions and losses,
 * but for FCOS, whose reference lets them learn background.
 *
 * @param options Data, input, target rule, batch size, seed, augmentation.
 * @returns The batches; every epoch has ⌊images / B⌋.
 * @throws {RangeError} If the batch size is no positive integer or exceeds the
 * number of images, the input is not in order, or images that keep their ratio
 * are to be jittered.
 * @see MMDetection's `ATSSAssigner`, `PackDetInputs` and `DetDataPreprocessor`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeScenes } from "ldlab/data/scenes.ts";
 * import { createTrainingBatches } from "ldlab/data/training_batches.ts";
 *
 * const [width, height] = [128, 96];
 * const batches = createTrainingBatches({
 *   dataset: makeScenes({ seed: 1, count: 10 }),
 *   input: { kind: "stretch", width, height },
 *   batchSize: 4,
 *   seed: 0,
 *   augmentation: { flips: true },
 * });
 * assert.equal(batches.batchesPerEpoch, 2);
 * const batch = await batches.prepare(0, 1);
 * assert.equal(batch.images.length, 4 * height * width * 3);
 * ```
 */
export function createTrainingBatches(
  options: TrainingBatchOptions,
): TrainingBatches {
  const { dataset, input, batchSize, seed, augmentation } = options;
  const { target = GFL_TARGETS, cacheBytes = CACHE_BYTES } = options;
  const regions = new Map(
    options.regions?.map((region) => [regionKey(region), region]),
  );
  const count = dataset.images.length;
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > count) {
    throw new RangeError(
      `Cannot make batches of ${dataset.name}: the batch size must be an integer from 1 to ${count}, its number of images: current value is ${batchSize}`,
    );
  }
  if (augmentation.jitter && input.kind !== "stretch") {
    throw new RangeError(
      `Cannot make batches of ${dataset.name}: jitter is for stretched images: current input is of kind "${input.kind}"`,
    );
  }
  const inputs = openInputImages(dataset.images, input, {
    phase: "train",
    cacheBytes,
  });
  const weighsLabels = input.kind === "keepRatio" ||
    target.assignment === "maxIou";
  // Targets of images without jitter repeat.
  const targets = makeTargets(target, {
    numClasses: dataset.classes.length,
    regions,
    keptBytes: cacheBytes / 4,
  });
  let known: Epoch | undefined;

  async function prepare(epoch: number, index: number): Promise<Batch> {
    const plan = known?.epoch === epoch ? known : planEpoch(epoch);
    known = plan;
    const { size, positions } = plan.batches[index];
    const anchors = targets.anchorsOf(size);
    const imageLength = size.height * size.width * 3;
    const images = new Float32Array(batchSize * imageLength);
    const labels = new Int32Array(batchSize * anchors.count);
    const boxTargets = new Float32Array(batchSize * anchors.count * 4);
    const labelWeights = weighsLabels
      ? new Float32Array(batchSize * anchors.count)
      : undefined;
    const weights: Record<string, Float32Array> = {};
    for (const key of regions.keys()) {
      weights[key] = new Float32Array(batchSize * anchors.count);
    }
    const imageSizes: Size[] = [];
    const ids: string[] = [];
    const keys: (string | undefined)[] = [];
    let groundTruth = 0;
    for (const [row, position] of positions.entries()) {
      const sample = sampleAt(plan, position, size);
      const { picture, resized, objects } = sample;
      const record = dataset.images[picture];
      const pixels = images
        .subarray(row * imageLength, (row + 1) * imageLength);
      await inputs.write(picture, pixels, sample);
      const key = keyOf(record.path, sample);
      const imageSize = { width: resized.width, height: resized.height };
      const ownInput = inputs.ownInput(resized);
      const learnt = targets.of({ objects, size, imageSize, ownInput, key });
      const start = row * anchors.count;
      labels.set(learnt.labels, start);
      boxTargets.set(learnt.boxTargets, start * 4);
      labelWeights?.set(learnt.labelWeights, start);
      for (const [key, values] of Object.entries(learnt.regions)) {
        weights[key].set(values, start);
      }
      imageSizes.push(imageSize);
      ids.push(record.id);
      keys.push(key);
      groundTruth += objects.labels.length;
    }
    return {
      epoch,
      index,
      size,
      images,
      imageSizes,
      labels,
      boxTargets,
      ...(labelWeights && { labelWeights }),
      regions: weights,
      ids,
      keys,
      groundTruth,
    };
  }

  function planEpoch(epoch: number): Epoch {
    const order = epochOrder(seed, epoch, count);
    const drawn = Array.from(
      order,
      (picture, position) =>
        inputs.draw(picture, createRandom(seed, epoch, position, "scale")),
    );
    const batches = batchesBySize(drawn, inputs.sizes, batchSize);
    return { epoch, order, drawn, batches };
  }

  function sampleAt(
    { epoch, order, drawn }: Epoch,
    position: number,
    size: Size,
  ): Sample {
    const picture = order[position];
    const record = dataset.images[picture];
    const resized = fit(record, drawn[position], size);
    const { boxes, labels } = learntObjects(record);
    const objects = { boxes: inputs.resizeBoxes(boxes, resized), labels };
    const random = createRandom(seed, epoch, position);
    const augmented = augment(random, augmentation, resized, objects);
    return { ...augmented, picture, resized, size };
  }

  /** Names what an input depends on, where it may come again. */
  function keyOf(path: string, sample: Sample): string | undefined {
    const { flip, placement, resized, size } = sample;
    if (placement || inputs.varies) return undefined;
    const key = `${path}|${flip}`;
    return input.kind === "stretch"
      ? key
      : `${key}|${resized.width}x${resized.height} in ${size.width}x${size.height}`;
  }

  return { batchesPerEpoch: Math.floor(count / batchSize), prepare };
}

/** The drawn size, or a smaller one where a mixed batch asks for it. */
function fit(image: Size, drawn: ResizedSize, size: Size): ResizedSize {
  return drawn.width <= size.width && drawn.height <= size.height
    ? drawn
    : keepRatioInside(image, size);
}

/** The boxes to learn, in original pixels. */
function learntObjects(
  { boxes, labels, difficult }: LabeledBoxes & { difficult: Uint8Array },
): LabeledBoxes {
  return {
    boxes: boxes.filter((_, at) => difficult[Math.floor(at / 4)] === 0),
    labels: labels.filter((_, g) => difficult[g] === 0),
  };
}
