import type { Scale } from "./keep_ratio.ts";
import { checkImageSize } from "./image.ts";
import { checkMultiScale, type MultiScale } from "./multi_scale.ts";
import { CAFFE_BGR, IMAGENET_RGB, PAD_DIVISOR } from "./padded_input.ts";
import { type Size, sizeBuckets } from "./size_buckets.ts";

/** The kinds of normalisation by name. */
export const NORMALISATIONS = {
  imagenetRgb: IMAGENET_RGB,
  caffeBgr: CAFFE_BGR,
} as const;

/** Every image stretched to one size, ImageNet's normalisation. */
export interface StretchInput {
  readonly kind: "stretch";
  /** Input of the network in pixels. */
  readonly width: number;
  readonly height: number;
}

/** Images that keep their ratio of sides, padded: how the paper's are. */
export interface KeepRatioInput {
  readonly kind: "keepRatio";
  /** What the scale of a training image is drawn from. */
  readonly train: MultiScale;
  /** The scale of test images. */
  readonly test: Scale;
  /**
   * How many sizes batches of training may have; 8 unless given. In a test each
   * image is padded by itself.
   */
  readonly buckets?: number;
  /** Divides the sides of all inputs, pixels; 32 unless given. */
  readonly divisor?: number;
  /** `imagenetRgb` unless given; `caffeBgr` for backbones of Caffe's style. */
  readonly normalisation?: keyof typeof NORMALISATIONS;
}

/** How images become the network's input. Plain data, part of a run's config. */
export type InputConfig = StretchInput | KeepRatioInput;

/** Training draws scales and augments, a test does neither. */
export type InputPhase = "train" | "test";

/**
 * Says which sizes the batches of a data set have.
 *
 * Use it to see beforehand what a detector is compiled for. A stretched input has
 * one size. One that keeps ratios has the buckets of its scales (`sizeBuckets`) in
 * training, and in a test the sizes that images are padded to by themselves:
 * group norms, which heads have, see padding, and AP falls by several points where
 * much is added that training had not. COCO has some 50 such sizes at one scale.
 *
 * @param images Original sizes of the data set's images in pixels; at least one
 * where ratios are kept.
 * @param input How images become inputs.
 * @param phase Whether the batches are for training or testing.
 * @returns The sizes in pixels, the smallest area first.
 * @throws {RangeError} If the input is not in order, as {@linkcode checkInput}
 * says, or there is no image to make buckets for.
 * @see MMDetection 3.3.0, whose tests have batches of one image.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { inputSizes } from "ldlab/data/input.ts";
 * import { MULTI_SCALE_480_800 } from "ldlab/data/multi_scale.ts";
 *
 * const input = { kind: "keepRatio", train: MULTI_SCALE_480_800, test: [1333, 800] } as const;
 * const images = [{ width: 640, height: 480 }, { width: 480, height: 640 }];
 * assert.deepEqual(inputSizes(images, input, "test"), [
 *   { width: 1088, height: 800 },
 *   { width: 800, height: 1088 },
 * ]);
 * ```
 */
export function inputSizes(
  images: readonly Size[],
  input: InputConfig,
  phase: InputPhase,
): readonly Size[] {
  checkInput(input);
  if (input.kind === "stretch") {
    return [{ width: input.width, height: input.height }];
  }
  const { train, test, buckets, divisor } = input;
  if (phase === "train") {
    return sizeBuckets(images, train, { most: buckets, divisor }).buckets;
  }
  // As many as there are.
  const most = Math.max(images.length, 1);
  const scales: MultiScale = { mode: "value", scales: [test] };
  return sizeBuckets(images, scales, { most, divisor }).buckets;
}

/**
 * Guards how images become inputs.
 *
 * @param input As {@linkcode InputConfig} wants it.
 * @throws {RangeError} If the kind or normalisation is unknown, a side or bound
 * is not a positive integer, a mode has not the scales it needs, or `buckets` or
 * `divisor` is not a positive integer.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { checkInput } from "ldlab/data/input.ts";
 *
 * checkInput({ kind: "stretch", width: 256, height: 192 });
 * assert.throws(
 *   () => checkInput({ kind: "stretch", width: 256, height: 0 }),
 *   { name: "RangeError", message: /current size is 256x0/ },
 * );
 * ```
 */
export function checkInput(input: InputConfig): void {
  switch (input.kind) {
    case "stretch":
      return checkImageSize(input.width, input.height);
    case "keepRatio":
      return checkKeepRatio(input);
    default:
      throw new RangeError(
        `Cannot make inputs: kind must be stretch or keepRatio: current value is "${
          (input as { kind: unknown }).kind
        }"`,
      );
  }
}

function checkKeepRatio(
  {
    train,
    test,
    buckets = 8,
    divisor = PAD_DIVISOR,
    normalisation = "imagenetRgb",
  }: KeepRatioInput,
): void {
  checkMultiScale(train);
  checkMultiScale({ mode: "value", scales: [test] });
  for (const [name, value] of Object.entries({ buckets, divisor })) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new RangeError(
      `Cannot make inputs: ${name} must be a positive integer: current value is ${value}`,
    );
  }
  if (Object.hasOwn(NORMALISATIONS, normalisation)) return;
  throw new RangeError(
    `Cannot make inputs: normalisation must be one of ${
      Object.keys(NORMALISATIONS).join(", ")
    }: current value is "${normalisation}"`,
  );
}
