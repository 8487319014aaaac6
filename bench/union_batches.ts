import {
  type Batch,
  createTrainingBatches,
  epochOrder,
  type KeepRatioInput,
  paddedSize,
  type Size,
  type TrainingBatches,
  type TrainingBatchOptions,
} from "../lib/data/mod.ts";
import { anchorsOf, type DetectorConfig } from "../lib/detectors/mod.ts";
import { resizeCorner } from "./resize_corner.ts";

/** What batches like the reference's are made of. */
export interface UnionBatchOptions extends TrainingBatchOptions {
  readonly input: KeepRatioInput;
  readonly detector: DetectorConfig;
}

/**
 * Training batches as MMDetection makes them: landscape and portrait by
 * themselves, each batch padded to the size that holds its images, however many
 * sizes that makes. The same images at the same scales as the library's batches.
 *
 * @param options As of `createTrainingBatches`, and the detector that learns.
 * @see MMDetection 3.3.0 `AspectRatioBatchSampler`, `DetDataPreprocessor`. The
 * last images of an epoch that fill no batch are left out here.
 */
export function createUnionBatches(
  { detector, ...options }: UnionBatchOptions,
): TrainingBatches {
  const { dataset: { images }, batchSize, seed, input } = options;
  // A batch of one image is that of its place in the epoch.
  const single = createTrainingBatches({
    ...options,
    batchSize: 1,
    input: { ...input, buckets: 1 },
  });
  return {
    batchesPerEpoch: Math.floor(images.length / batchSize),
    async prepare(epoch, index) {
      const order = epochOrder(seed, epoch, images.length);
      const portrait = Array.from(
        order,
        (picture) => images[picture].width < images[picture].height,
      );
      const samples: Batch[] = [];
      for (const position of grouped(portrait, batchSize)[index]) {
        samples.push(await single.prepare(epoch, position));
      }
      return { ...joined(samples, detector), index };
    },
  };
}

/** Positions of each batch, those that are of both kinds last. */
function grouped(portrait: readonly boolean[], batchSize: number): number[][] {
  const batches: number[][] = [];
  const waiting: [number[], number[]] = [[], []];
  for (const [position, kind] of portrait.entries()) {
    const group = waiting[Number(kind)];
    group.push(position);
    if (group.length === batchSize) batches.push(group.splice(0));
  }
  const left = waiting.flat();
  while (left.length >= batchSize) batches.push(left.splice(0, batchSize));
  return batches;
}

/** One batch of the smallest size that holds its images, each with its padding. */
function joined(samples: readonly Batch[], detector: DetectorConfig): Batch {
  const own = samples.map(({ imageSizes: [size] }) => paddedSize(size));
  const size = {
    width: Math.max(...own.map(({ width }) => width)),
    height: Math.max(...own.map(({ height }) => height)),
  };
  const [first] = samples;
  const [from, to] = [first.size, size].map((size) =>
    anchorsOf(detector, size).levels
  );
  const ofCells = (values: Float32Array | Int32Array, channels: number) =>
    from.flatMap((level, at) => [
      ...resizeCorner(
        values.subarray(
          level.start * channels,
          (level.start + level.count) * channels,
        ),
        { from: level, to: to[at], channels },
      ),
    ]);
  return {
    ...first,
    size,
    images: concatenate(
      samples.map(({ images }) =>
        resizeCorner(images, { from: first.size, to: size, channels: 3 })
      ),
    ),
    imageSizes: samples.map(({ imageSizes: [size] }): Size => size),
    labels: Int32Array.from(samples.flatMap((x) => ofCells(x.labels, 1))),
    boxTargets: Float32Array.from(
      samples.flatMap((x) => ofCells(x.boxTargets, 4)),
    ),
    labelWeights: Float32Array.from(
      samples.flatMap((x) => ofCells(x.labelWeights!, 1)),
    ),
    regions: {},
    ids: samples.map(({ ids: [id] }) => id),
    keys: samples.map(() => undefined),
    groundTruth: samples.reduce((sum, x) => sum + x.groundTruth, 0),
  };
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
