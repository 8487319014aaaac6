import { integerBelow, type Random } from "../random/random.ts";
import { type Flip, flipBoxes, FLIPS } from "./flip.ts";
import {
  drawJitter,
  type JitterRange,
  type LabeledBoxes,
  type Placement,
} from "./jitter.ts";
import type { Size } from "./size_buckets.ts";

/** How samples vary from epoch to epoch. Plain data, part of a run's config. */
export interface Augmentation {
  /**
   * `true`: one of the four flips, uniform, for each image and epoch.
   * `horizontal`: mirrored left-right or not, equally likely, as published.
   */
  readonly flips: boolean | "horizontal";
  /** After the flip, of stretched images only; none unless given. */
  readonly jitter?: JitterRange;
}

/** What was drawn for an image, and where its boxes are then. */
export interface Augmented {
  readonly flip: Flip;
  readonly placement?: Placement;
  readonly objects: LabeledBoxes;
}

/**
 * Draws how an image is mirrored and jittered, and what becomes of its boxes.
 *
 * @param random The sample's generator.
 * @param augmentation What to draw.
 * @param image Size of the resized image in pixels.
 * @param objects The boxes on the image, in its pixels.
 * @returns The flip, the placement if there is jitter, and the boxes.
 * @throws {RangeError} If `flips` is neither a boolean nor `horizontal`.
 * @see MMDetection 3.3.0 `RandomFlip(prob=0.5)` for `horizontal`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { augment } from "ldlab/data/augmentation.ts";
 *
 * const image = { width: 100, height: 80 };
 * const boxes = new Float32Array([10, 20, 40, 60]);
 * const objects = { boxes, labels: new Int32Array([0]) };
 * const { flip, objects: mirrored } = augment(() => 0.7, { flips: "horizontal" }, image, objects);
 * assert.equal(flip, "h");
 * assert.deepEqual([...mirrored.boxes], [60, 20, 90, 60]);
 * ```
 */
export function augment(
  random: Random,
  { flips, jitter }: Augmentation,
  { width, height }: Size,
  { boxes, labels }: LabeledBoxes,
): Augmented {
  const flip = drawFlip(random, flips);
  const objects = { boxes: flipBoxes(boxes, flip, width, height), labels };
  if (!jitter) return { flip, objects };
  const canvas = { width, height };
  return { flip, ...drawJitter(random, jitter, canvas, objects) };
}

function drawFlip(random: Random, flips: Augmentation["flips"]): Flip {
  switch (flips) {
    case false:
      return "none";
    case true:
      return FLIPS[integerBelow(random, FLIPS.length)];
    case "horizontal":
      return integerBelow(random, 2) === 0 ? "none" : "h";
    default:
      throw new RangeError(
        `Cannot flip: flips must be true, false or "horizontal": current value is "${flips}"`,
      );
  }
}
