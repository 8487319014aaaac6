import type { Anchors } from "../boxes/anchors.ts";
import { assignAtss } from "../regions/atss.ts";
import { type LabelRegion, labelRegion, regionKey } from "../regions/region.ts";
import type { Dataset, ImageRecord } from "./dataset.ts";
import { epochOrder } from "./epoch_order.ts";
import { type Flip, flipBoxes, FLIPS } from "./flip.ts";
import {
  drawJitter,
  type JitterRange,
  type LabeledBoxes,
  type Placement,
} from "./jitter.ts";
import { writeNetworkInput } from "./network_input.ts";
import { createRandom, integerBelow } from "../random/random.ts";
import { CACHE_BYTES, keepResizedImages } from "./resized_images.ts";

// B batch, H and W input pixels, A anchors, C classes.

/** How samples vary from epoch to epoch. Plain data, part of a run's config. */
export interface Augmentation {
  /** One of the four flips, uniform, for each image and epoch. */
  readonly flips: boolean;
  /** After the flip; none unless given. */
  readonly jitter?: JitterRange;
}

/** Everything a training batch depends on, beside its number. Plain data. */
export interface TrainingBatchOptions {
  readonly dataset: Dataset;
  /** Input of the network in pixels. */
  readonly width: number;
  readonly height: number;
  /** Anchors of that input, the same as the losses use. */
  readonly anchors: Anchors;
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

/** One training step's data, fixed in shape whatever the images hold. */
export interface Batch {
  /** From 0. */
  readonly epoch: number;
  /** From 0 in each epoch. */
  readonly index: number;
  /** [B, H, W, 3], RGB, normalised. */
  readonly images: Float32Array;
  /** [B, A], class, C for background. */
  readonly labels: Int32Array;
  /** [B, A, 4], x1, y1, x2, y2 in input pixels, 0 for background. */
  readonly boxTargets: Float32Array;
  /** [B, A] each: the weights of the regions, by their `regionKey`. */
  readonly regions: Readonly<Record<string, Float32Array>>;
  /** [B], ids of the images. */
  readonly ids: readonly string[];
  /**
   * [B], image file and flip, for example
   * `data/bccd/JPEGImages/BloodImage_00007.jpg|hv`: equal keys have equal pixels
   * in the input's size, so what a frozen teacher says about one may be kept, also
   * where data sets share ids. Undefined where the image is jittered.
   */
  readonly keys: readonly (string | undefined)[];
  /** Ground-truth boxes in the batch. */
  readonly groundTruth: number;
}

/** What the anchors of one image learn. */
interface Targets {
  /** [A]. */
  readonly labels: Int32Array;
  /** [A, 4]. */
  readonly boxTargets: Float32Array;
  /** [A] each, by `regionKey`. */
  readonly regions: Readonly<Record<string, Float32Array>>;
}

/** Makes the batches of a training run, in any order. */
export interface TrainingBatches {
  readonly batchesPerEpoch: number;
  /** Makes a batch; it depends on the arguments only. */
  prepare(epoch: number, index: number): Promise<Batch>;
}

/**
 * Makes training batches: images shuffled each epoch, those that do not fill a
 * batch dropped, each resized, augmented and normalised, its anchors assigned
 * by ATSS and weighed for the regions of distillation.
 *
 * Use it to look at single batches; `createLoader` runs it in workers. A batch
 * is a function of (seed, epoch, index), its samples of (seed, epoch,
 * position). Difficult boxes are not learnt, as in MMDetection.
 *
 * @param options Data, input, anchors, batch size, seed, augmentation.
 * @returns The batches.
 * @throws {RangeError} If the batch size is no positive integer or exceeds the
 * number of images.
 * @see MMDetection's `ATSSAssigner`, `PackDetInputs` and `DetDataPreprocessor`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeAnchors } from "ldlab/boxes/anchors.ts";
 * import { makeScenes } from "ldlab/data/scenes.ts";
 * import { createTrainingBatches } from "ldlab/data/training_batches.ts";
 *
 * const [width, height] = [128, 96];
 * const batches = createTrainingBatches({
 *   dataset: makeScenes({ seed: 1, count: 10 }),
 *   width,
 *   height,
 *   anchors: makeAnchors({ width, height }),
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
  const { dataset, width, height, anchors, batchSize, seed, augmentation } =
    options;
  const { cacheBytes = CACHE_BYTES } = options;
  const regions = new Map(
    options.regions?.map((region) => [regionKey(region), region]),
  );
  const count = dataset.images.length;
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > count) {
    throw new RangeError(
      `Cannot make batches of ${dataset.name}: the batch size must be an integer from 1 to ${count}, its number of images: current value is ${batchSize}`,
    );
  }
  const resized = keepResizedImages(dataset.images, {
    width,
    height,
    cacheBytes,
  });
  const imageLength = height * width * 3;
  const kept = new Map<string, Targets>();
  // Targets of images without jitter repeat.
  const mostKept = cacheBytes / 4 /
    (anchors.count * (5 + regions.size) * 4);
  const order = { epoch: 0, indices: epochOrder(seed, 0, count) };

  async function prepare(epoch: number, index: number): Promise<Batch> {
    if (order.epoch !== epoch) {
      order.epoch = epoch;
      order.indices = epochOrder(seed, epoch, count);
    }
    const first = index * batchSize;
    const picked = order.indices.slice(first, first + batchSize);
    const images = new Float32Array(batchSize * imageLength);
    const labels = new Int32Array(batchSize * anchors.count);
    const boxTargets = new Float32Array(batchSize * anchors.count * 4);
    const weights: Record<string, Float32Array> = {};
    for (const key of regions.keys()) {
      weights[key] = new Float32Array(batchSize * anchors.count);
    }
    const ids: string[] = [];
    const keys: (string | undefined)[] = [];
    let groundTruth = 0;
    for (const [row, picture] of picked.entries()) {
      const record = dataset.images[picture];
      const random = createRandom(seed, epoch, first + row);
      const sample = augment(scaleBoxes(record, width, height), random);
      const start = row * anchors.count;
      const target = images.subarray(
        row * imageLength,
        (row + 1) * imageLength,
      );
      const image = await resized.get(picture);
      writeNetworkInput(image, target, sample.flip, sample.placement);
      const key = sample.placement
        ? undefined
        : `${record.path}|${sample.flip}`;
      const targets = targetsOf(sample.objects, key);
      labels.set(targets.labels, start);
      boxTargets.set(targets.boxTargets, start * 4);
      for (const [key, values] of Object.entries(targets.regions)) {
        weights[key].set(values, start);
      }
      ids.push(record.id);
      keys.push(key);
      groundTruth += sample.objects.labels.length;
    }
    return {
      epoch,
      index,
      images,
      labels,
      boxTargets,
      regions: weights,
      ids,
      keys,
      groundTruth,
    };
  }

  function augment(
    objects: LabeledBoxes,
    random: () => number,
  ): { flip: Flip; placement?: Placement; objects: LabeledBoxes } {
    const flip = augmentation.flips
      ? FLIPS[integerBelow(random, FLIPS.length)]
      : "none";
    const flipped = {
      boxes: flipBoxes(objects.boxes, flip, width, height),
      labels: objects.labels,
    };
    if (!augmentation.jitter) return { flip, objects: flipped };
    const canvas = { width, height };
    return {
      flip,
      ...drawJitter(random, augmentation.jitter, canvas, flipped),
    };
  }

  function targetsOf(objects: LabeledBoxes, key: string | undefined): Targets {
    const known = key && kept.get(key);
    if (known) return known;
    const assignment = assignAtss(anchors, objects, {
      numClasses: dataset.classes.length,
    });
    const { labels, boxTargets } = assignment;
    const imageSize = { width, height };
    const input = { anchors, gt: objects, assignment, imageSize };
    const weights: Record<string, Float32Array> = {};
    for (const [key, region] of regions) {
      weights[key] = labelRegion(region, input);
    }
    const targets = { labels, boxTargets, regions: weights };
    if (key && kept.size < mostKept) kept.set(key, targets);
    return targets;
  }

  return { batchesPerEpoch: Math.floor(count / batchSize), prepare };
}

/** The boxes to learn, in input pixels. */
function scaleBoxes(
  record: ImageRecord,
  width: number,
  height: number,
): LabeledBoxes {
  const scales = [width / record.width, height / record.height];
  const learnt = (g: number) => record.difficult[g] === 0;
  return {
    boxes: record.boxes
      .map((value, at) => value * scales[at % 2])
      .filter((_, at) => learnt(Math.floor(at / 4))),
    labels: record.labels.filter((_, g) => learnt(g)),
  };
}
