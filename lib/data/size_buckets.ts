import { keepRatioSize, type Scale } from "./keep_ratio.ts";
import { checkMultiScale, type MultiScale } from "./multi_scale.ts";
import { PAD_DIVISOR, paddedSize } from "./padded_input.ts";

/** A size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The few shapes that the batches of a data set have. */
export interface SizeBuckets {
  /** Padded sizes, the smallest area first. */
  readonly buckets: readonly Size[];
  /** Part of all batches' pixels that is padding, in [0, 1). */
  readonly wasted: number;
}

/** A size and how often it is drawn. */
interface Shape extends Size {
  readonly draws: number;
}

/**
 * The few padded sizes that hold every image of a data set at every scale that
 * training may draw.
 *
 * Use it where a step is compiled for each shape, or its tensors are kept: with
 * images padded to multiples of 32 only, COCO has dozens of shapes at one scale
 * and hundreds at many. Give each image the bucket that {@linkcode bucketOf}
 * names and fill batches from one bucket. It begins with the sizes that images
 * are padded to by themselves, and merges the two whose common size adds the
 * least padding, weighed by the images in them, until few are left. Two buckets
 * are landscape and portrait where a data set has both; at one scale they may do.
 * With COCO's ratios and scales of 480 to 800 pixels two buckets make some 40 % of
 * the pixels padding, eight some 15 %; MMDetection's batches of two images have
 * 18 %. More padding than a test has costs AP: group norms of heads see it.
 *
 * @param images Original sizes of the data set's images in pixels, at least one.
 * @param multiScale What scales are drawn from. Of a range, the smallest, the
 * largest, and every `divisor` pixels between are looked at; scales between
 * those need no larger bucket.
 * @param options.most How many buckets there may be, a positive integer; 8 by
 * default.
 * @param options.divisor Divides the buckets' sides, pixels; 32 by default.
 * @returns The buckets, and what of them is padding.
 * @throws {RangeError} If there is no image, `most` or `divisor` is not a
 * positive integer, or a size or scale is none.
 * @see MMDetection 3.3.0 `AspectRatioBatchSampler`, which puts landscape and
 * portrait into batches of their own; their padded sizes stay many there.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { SINGLE_SCALE } from "ldlab/data/multi_scale.ts";
 * import { sizeBuckets } from "ldlab/data/size_buckets.ts";
 *
 * const images = [{ width: 640, height: 480 }, { width: 480, height: 640 }];
 * const { buckets, wasted } = sizeBuckets(images, SINGLE_SCALE);
 * // 1067x800 and 800x1067, padded.
 * assert.deepEqual(buckets, [{ width: 1088, height: 800 }, { width: 800, height: 1088 }]);
 * assert.equal(wasted, 1 - 1067 / 1088);
 * ```
 */
export function sizeBuckets(
  images: readonly Size[],
  multiScale: MultiScale,
  { most = 8, divisor = PAD_DIVISOR }: { most?: number; divisor?: number } = {},
): SizeBuckets {
  if (!Number.isInteger(most) || most < 1) {
    throw new RangeError(
      `Cannot make size buckets: most must be a positive integer: current value is ${most}`,
    );
  }
  if (images.length === 0) {
    throw new RangeError(
      "Cannot make size buckets: there must be at least one image: current number is 0",
    );
  }
  const scales = scalesToFit(multiScale, divisor);
  const shapes = new Map<string, Shape>();
  let imagePixels = 0;
  for (const { draws, ...image } of counted(images)) {
    for (const scale of scales) {
      const resized = keepRatioSize(image, scale);
      const padded = paddedSize(resized, divisor);
      const key = `${padded.width}x${padded.height}`;
      const before = shapes.get(key)?.draws ?? 0;
      shapes.set(key, { ...padded, draws: before + draws });
      imagePixels += draws * resized.width * resized.height;
    }
  }
  const buckets = merged([...shapes.values()], most)
    .map(({ width, height }) => ({ width, height }))
    .sort((a, b) => area(a) - area(b) || b.width - a.width);
  let batchPixels = 0;
  for (const shape of shapes.values()) {
    batchPixels += shape.draws * area(bucketOf(shape, buckets));
  }
  return { buckets, wasted: 1 - imagePixels / batchPixels };
}

/**
 * The bucket of a resized image: the one of the smallest area that holds it.
 *
 * @param size The resized image's size in pixels, from `keepRatioSize`.
 * @param buckets From {@linkcode sizeBuckets}, the smallest area first.
 * @returns The bucket.
 * @throws {RangeError} If no bucket holds the image.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { bucketOf } from "ldlab/data/size_buckets.ts";
 *
 * const buckets = [{ width: 1088, height: 800 }, { width: 800, height: 1344 }];
 * assert.equal(bucketOf({ width: 800, height: 800 }, buckets), buckets[0]);
 * assert.equal(bucketOf({ width: 800, height: 1067 }, buckets), buckets[1]);
 * ```
 */
export function bucketOf(size: Size, buckets: readonly Size[]): Size {
  const bucket = buckets.find(({ width, height }) =>
    size.width <= width && size.height <= height
  );
  if (bucket) return bucket;
  const known = buckets.map(({ width, height }) => `${width}x${height}`);
  throw new RangeError(
    `Cannot place an image: it must fit into one of [${
      known.join(", ")
    }]: current size is ${size.width}x${size.height}. Make the buckets of the data set and scales that are used`,
  );
}

/** Each different size once, and how many images have it. */
function counted(images: readonly Size[]): Iterable<Shape> {
  const sizes = new Map<string, Shape>();
  for (const { width, height } of images) {
    const key = `${width}x${height}`;
    const draws = (sizes.get(key)?.draws ?? 0) + 1;
    sizes.set(key, { width, height, draws });
  }
  return sizes.values();
}

function scalesToFit(multiScale: MultiScale, step: number): readonly Scale[] {
  checkMultiScale(multiScale);
  if (multiScale.mode === "value") return multiScale.scales;
  const [first, second] = multiScale.scales;
  const bounds = (a: number, b: number) => {
    const [low, high] = [Math.min(a, b), Math.max(a, b)];
    const between = Array.from(
      { length: Math.ceil((high - low) / step) },
      (_, index) => low + index * step,
    );
    return [...between, high];
  };
  return bounds(first[0], second[0]).flatMap((long) =>
    bounds(first[1], second[1]).map((short) => [long, short] as const)
  );
}

/** Merges the pair that costs least until at most `most` shapes are left. */
function merged(shapes: readonly Shape[], most: number): Shape[] {
  const left = new Set(shapes);
  const cheapest = (shape: Shape) => {
    let partner = { shape, cost: Infinity };
    for (const other of left) {
      const cost = other === shape ? Infinity : addedPixels(shape, other);
      if (cost < partner.cost) partner = { shape: other, cost };
    }
    return partner;
  };
  const partners = new Map(shapes.map((shape) => [shape, cheapest(shape)]));
  while (left.size > most) {
    const [first, { shape: second }] = [...partners].reduce((best, next) =>
      next[1].cost < best[1].cost ? next : best
    );
    for (const gone of [first, second]) {
      left.delete(gone);
      partners.delete(gone);
    }
    const both = union(first, second);
    for (const [shape, partner] of partners) {
      const cost = addedPixels(shape, both);
      if (cost < partner.cost) partners.set(shape, { shape: both, cost });
    }
    left.add(both);
    // Shapes whose partner is gone look for another, the new one too.
    for (const shape of left) {
      const partner = partners.get(shape);
      if (!partner || !left.has(partner.shape)) {
        partners.set(shape, cheapest(shape));
      }
    }
  }
  return [...left];
}

function union(a: Shape, b: Shape): Shape {
  return {
    width: Math.max(a.width, b.width),
    height: Math.max(a.height, b.height),
    draws: a.draws + b.draws,
  };
}

/** Padding that images get if two shapes become one. */
function addedPixels(a: Shape, b: Shape): number {
  const both = union(a, b);
  return area(both) * both.draws - area(a) * a.draws - area(b) * b.draws;
}

function area({ width, height }: Size): number {
  return width * height;
}
