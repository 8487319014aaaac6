import { type Anchors, makeAnchors, validAnchors } from "../boxes/anchors.ts";
import { type LabelRegion, labelRegion } from "../regions/region.ts";
import { assignTargets, type TargetRule } from "../regions/target_rule.ts";
import type { LabeledBoxes } from "./jitter.ts";
import type { Size } from "./size_buckets.ts";

/** What the anchors of one image learn. */
export interface ImageTargets {
  /** [A], class, C for background. */
  readonly labels: Int32Array;
  /** [A, 4], x1, y1, x2, y2 in input pixels, 0 for background. */
  readonly boxTargets: Float32Array;
  /** [A], 0 where the class is not learnt. */
  readonly labelWeights: Float32Array;
  /** [A] each, by `regionKey`. */
  readonly regions: Readonly<Record<string, Float32Array>>;
}

/** An image whose targets are wanted. */
export interface TargetImage {
  /** Its boxes in pixels of the input. */
  readonly objects: LabeledBoxes;
  /** The input's size in pixels. */
  readonly size: Size;
  /** The image's size inside the input in pixels. */
  readonly imageSize: Size;
  /** Where the image's own padding ends, if the input is padded. */
  readonly ownInput?: Size;
  /** Equal keys have equal targets; none if they do not come again. */
  readonly key?: string;
}

/** Makes the targets of images of any size. */
export interface TargetMaker {
  /** The anchors of an input's size. */
  anchorsOf(size: Size): Anchors;
  /** What the anchors of an image learn. */
  of(image: TargetImage): ImageTargets;
}

/**
 * Makes what the anchors of images learn, and keeps it while memory is left.
 *
 * Anchors beyond an image's own padding take no part, as MMDetection's valid
 * flags say. FCOS has none: its points in padding learn background.
 *
 * @param rule Anchors, and who assigns boxes to them.
 * @param options.numClasses C.
 * @param options.regions Regions whose weights are wanted, by `regionKey`.
 * @param options.keptBytes What targets with a key may take in memory.
 * @returns The maker, with the anchors of each size made once.
 * @throws {RangeError} From `of`, if a region's option or a label is wrong.
 * @see MMDetection 3.3.0 `AnchorHead.get_anchors` and `FCOSHead.get_targets`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeTargets } from "ldlab/data/image_targets.ts";
 * import { GFL_TARGETS } from "ldlab/regions/target_rule.ts";
 *
 * const targets = makeTargets(GFL_TARGETS, { numClasses: 1, regions: new Map(), keptBytes: 0 });
 * const objects = { boxes: new Float32Array([8, 8, 40, 30]), labels: new Int32Array([0]) };
 * const { labelWeights } = targets.of({
 *   objects,
 *   size: { width: 64, height: 64 },
 *   imageSize: { width: 60, height: 31 },
 *   ownInput: { width: 64, height: 32 },
 * });
 * // The lower half of the 8 x 8, 4 x 4 and 2 x 2 cells is padding.
 * const background = labelWeights.filter((weight) => weight === 0);
 * assert.equal(background.length, 32 + 8 + 2);
 * ```
 */
export function makeTargets(
  rule: TargetRule,
  { numClasses, regions, keptBytes }: {
    numClasses: number;
    regions: ReadonlyMap<string, LabelRegion>;
    keptBytes: number;
  },
): TargetMaker {
  const anchorsBySize = new Map<string, Anchors>();
  const kept = new Map<string, ImageTargets>();
  let bytesLeft = keptBytes;

  function anchorsOf({ width, height }: Size): Anchors {
    const name = `${width}x${height}`;
    let anchors = anchorsBySize.get(name);
    if (!anchors) {
      anchors = makeAnchors({ ...rule.anchors, width, height });
      anchorsBySize.set(name, anchors);
    }
    return anchors;
  }

  function make({ objects, size, imageSize, ownInput }: TargetImage) {
    const anchors = anchorsOf(size);
    const valid = ownInput && rule.assignment !== "fcos"
      ? validAnchors(anchors, ownInput)
      : undefined;
    const assignment = assignTargets(rule.assignment, anchors, objects, {
      numClasses,
      valid,
    });
    const input = { anchors, gt: objects, assignment, imageSize, valid };
    const weights: Record<string, Float32Array> = {};
    for (const [key, region] of regions) {
      weights[key] = labelRegion(region, input);
    }
    const { labels, boxTargets, labelWeights } = assignment;
    return { labels, boxTargets, labelWeights, regions: weights };
  }

  function of(image: TargetImage): ImageTargets {
    const { key, size } = image;
    const known = key === undefined ? undefined : kept.get(key);
    if (known) return known;
    const targets = make(image);
    const bytes = anchorsOf(size).count * (6 + regions.size) * 4;
    if (key !== undefined && bytes <= bytesLeft) {
      bytesLeft -= bytes;
      kept.set(key, targets);
    }
    return targets;
  }

  return { anchorsOf, of };
}
