import { type Anchors, makeAnchors, validAnchors } from "../boxes/anchors.ts";
import { type LabelRegion, labelRegion, regionKey } from "../regions/region.ts";
import {
  assignTargets,
  GFL_TARGETS,
  type TargetRule,
} from "../regions/target_rule.ts";
import { batchesBySize } from "./batches_by_size.ts";
import type { Dataset } from "./dataset.ts";
import { epochOrder } from "./epoch_order.ts";
import { type Flip, flipBoxes, FLIPS } from "./flip.ts";
import type { InputConfig } from "./input.ts";
import { openInputImages } from "./input_images.ts";
import {
  drawJitter,
  type JitterRange,
  type LabeledBoxes,
  type Placement,
} from "./jitter.ts";
import { keepRatioInside, type ResizedSize } from "./keep_ratio.ts";
import { CACHE_BYTES } from "./kept_images.ts";
import { createRandom, integerBelow, type Random } from "../random/random.ts";
import type { Size } from "./size_buckets.ts";

// B batch, H and W input pixels, A anchors, C classes.

/** How samples vary from epoch to epoch. Plain data, part of a run's config. */
export interface Augmentation {
  /**
   * `true`: one of the four flips, uniform, for each image and epoch.
   * `horizontal`: mirrored left-right or not, as the published recipes.
   */
  readonly flips: boolean | "horizontal";
  /** After the flip, of stretched images only; none unless given. */
  readonly jitter?: JitterRange;
}

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

/** What the anchors of one image learn. */
interface Targets {
  /** [A]. */
  readonly labels: Int32Array;
  /** [A, 4]. */
  readonly boxTargets: Float32Array;
  /** [A]. */
  readonly labelWeights: Float32Array;
  /** [A] each, by `regionKey`. */
  readonly regions: Readonly<Record<string, Float32Array>>;
}

/** Makes the batches of a training run, in any order. */
export interface TrainingBatches {
  readonly batchesPerEpoch: number;
  /** Makes a batch; it depends on the arguments only. */
  prepare(epoch: number, index: number): Promise<Batch>;
}

/** An image as an epoch has it. */
interface Sample {
  readonly flip: Flip;
  readonly placement?: Placement;
  /** In pixels of the input. */
  readonly objects: LabeledBoxes;
  /** The image inside its input. */
  readonly resized: ResizedSize;
  /** The input. */
  readonly size: Size;
}

/** The samples of an epoch, in its order, and which batches they are in. */
interface Epoch {
  readonly epoch: number;
  readonly order: Uint32Array;
  readonly drawn: readonly ResizedSize[];
  readonly batches: ReturnType<typeof batchesBySize>;
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
 * Where images keep their ratio, the scale is drawn first, then the flip; boxes
 * are clipped to the resized image, which lies in the upper left corner of the
 * batch's size. Each batch has one of a few sizes (`batchesBySize`). Anchors
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
  const anchorsOf = new Map<Size, Anchors>();
  // Targets of images without jitter repeat.
  const kept = new Map<string, Targets>();
  let targetBytesLeft = cacheBytes / 4;
  let known: Epoch | undefined;

  async function prepare(epoch: number, index: number): Promise<Batch> {
    if (known?.epoch !== epoch) known = planEpoch(epoch);
    const { order, drawn, batches } = known;
    const { size, positions } = batches[index];
    const anchors = anchorsAt(size);
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
      const picture = order[position];
      const record = dataset.images[picture];
      const random = createRandom(seed, epoch, position);
      inputs.draw(picture, random); // again, so that the generator goes on from there
      const sample = augment(picture, { drawn: drawn[position], size, random });
      const pixels = images
        .subarray(row * imageLength, (row + 1) * imageLength);
      await inputs.write(picture, pixels, sample);
      const key = keyOf(record.path, sample);
      const targets = targetsOf(sample, key);
      const start = row * anchors.count;
      labels.set(targets.labels, start);
      boxTargets.set(targets.boxTargets, start * 4);
      labelWeights?.set(targets.labelWeights, start);
      for (const [key, values] of Object.entries(targets.regions)) {
        weights[key].set(values, start);
      }
      const { width, height } = sample.resized;
      imageSizes.push({ width, height });
      ids.push(record.id);
      keys.push(key);
      groundTruth += sample.objects.labels.length;
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
        inputs.draw(picture, createRandom(seed, epoch, position)),
    );
    const batches = batchesBySize(drawn, inputs.sizes, batchSize);
    return { epoch, order, drawn, batches };
  }

  function augment(
    picture: number,
    { drawn, size, random }: { drawn: ResizedSize; size: Size; random: Random },
  ): Sample {
    const record = dataset.images[picture];
    const fits = drawn.width <= size.width && drawn.height <= size.height;
    const resized = fits ? drawn : keepRatioInside(record, size);
    const flip = drawFlip(random, augmentation.flips);
    const { boxes, labels } = learntObjects(record);
    const objects = {
      boxes: flipBoxes(
        inputs.resizeBoxes(boxes, resized),
        flip,
        resized.width,
        resized.height,
      ),
      labels,
    };
    const sample = { flip, objects, resized, size };
    return augmentation.jitter
      ? { ...sample, ...drawJitter(random, augmentation.jitter, size, objects) }
      : sample;
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

  function targetsOf(sample: Sample, key: string | undefined): Targets {
    const same = key && kept.get(key);
    if (same) return same;
    const { objects: gt, resized, size } = sample;
    const anchors = anchorsAt(size);
    // FCOS has no valid flags: its points in padding learn background.
    const own = target.assignment === "fcos"
      ? undefined
      : inputs.ownInput(resized);
    const valid = own && validAnchors(anchors, own);
    const assignment = assignTargets(target.assignment, anchors, gt, {
      numClasses: dataset.classes.length,
      valid,
    });
    const region = { anchors, gt, assignment, imageSize: resized, valid };
    const weights: Record<string, Float32Array> = {};
    for (const [key, kind] of regions) weights[key] = labelRegion(kind, region);
    const { labels, boxTargets, labelWeights } = assignment;
    const targets = { labels, boxTargets, labelWeights, regions: weights };
    const bytes = anchors.count * (6 + regions.size) * 4;
    if (key && bytes <= targetBytesLeft) {
      targetBytesLeft -= bytes;
      kept.set(key, targets);
    }
    return targets;
  }

  function anchorsAt(size: Size): Anchors {
    let anchors = anchorsOf.get(size);
    if (!anchors) {
      anchors = makeAnchors({ ...target.anchors, ...size });
      anchorsOf.set(size, anchors);
    }
    return anchors;
  }

  return { batchesPerEpoch: Math.floor(count / batchSize), prepare };
}

function drawFlip(random: Random, flips: Augmentation["flips"]): Flip {
  if (flips === false) return "none";
  const choices = flips === "horizontal" ? FLIPS.slice(0, 2) : FLIPS;
  return choices[integerBelow(random, choices.length)];
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
