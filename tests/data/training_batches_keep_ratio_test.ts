// Training batches of images that keep their ratio of sides.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Dataset } from "ldlab/data/dataset.ts";
import { type InputConfig, inputSizes } from "ldlab/data/input.ts";
import { TEACHER_JITTER } from "ldlab/data/jitter.ts";
import { createLoader } from "ldlab/data/loader.ts";
import { makeScenes } from "ldlab/data/scenes.ts";
import {
  type Batch,
  createTrainingBatches,
  type TrainingBatchOptions,
} from "ldlab/data/training_batches.ts";
import { targetRuleOf } from "ldlab/detectors/detector_anchors.ts";
import { assertClose, goldenCases } from "../golden.ts";

const input: InputConfig = {
  kind: "keepRatio",
  train: { mode: "value", scales: [[64, 48]] },
  test: [64, 48],
};

/** Scenes of these sizes, with one box where it is given. */
function scenes(sizes: [number, number][], box?: number[]): Dataset {
  const dataset = makeScenes({ seed: 1, count: 1 });
  const images = sizes.flatMap(([width, height], at) =>
    makeScenes({ seed: at, count: 1, width, height }).images
  );
  if (!box) return { ...dataset, images };
  const [boxes, labels] = [Float32Array.from(box), new Int32Array(1)];
  const difficult = new Uint8Array(1);
  return {
    ...dataset,
    images: images.map((image) => ({ ...image, boxes, labels, difficult })),
  };
}

function batches(options: Partial<TrainingBatchOptions> = {}) {
  return createTrainingBatches({
    dataset: scenes([[128, 96], [96, 128], [128, 80]]),
    input,
    batchSize: 1,
    seed: 0,
    augmentation: { flips: "horizontal" },
    ...options,
  });
}

async function epochOf(
  options: Partial<TrainingBatchOptions>,
  epoch: number,
): Promise<Batch[]> {
  const { batchesPerEpoch, prepare } = batches(options);
  const indices = Array.from({ length: batchesPerEpoch }, (_, at) => at);
  return await Promise.all(indices.map((index) => prepare(epoch, index)));
}

Deno.test("createTrainingBatches() equals MMDetection's training pipeline from files to targets", async () => {
  for (
    const { inputs: { images }, outputs } of await goldenCases(
      "keep_ratio_batch",
    )
  ) {
    const folder = new URL("../../data/bccd/JPEGImages/", import.meta.url);
    const [record] = makeScenes({ seed: 1, count: 1 }).images;
    const dataset = {
      ...makeScenes({ seed: 1, count: 1 }),
      classes: ["RBC", "WBC", "Platelets"],
      // deno-lint-ignore no-explicit-any
      images: images.map(({ file, boxes, labels }: any) => ({
        ...record,
        scene: undefined,
        id: file,
        path: fileURLToPath(new URL(file, folder)),
        width: 640,
        height: 480,
        boxes: Float32Array.from(boxes.flat()),
        labels: Int32Array.from(labels),
        difficult: new Uint8Array(labels.length),
      })),
    };
    // deno-lint-ignore no-explicit-any
    const scales = images.map(({ scale }: any) => scale);
    for (const kind of ["gfl", "retina", "fcos"] as const) {
      const target = targetRuleOf({ kind, numClasses: 3 });
      const batch = await batches({
        dataset,
        target,
        input: {
          kind: "keepRatio",
          train: { mode: "value", scales },
          test: scales[1],
          buckets: 1,
        },
        batchSize: 2,
      }).prepare(80, 0); // where just these scales and flips are drawn
      // deno-lint-ignore no-explicit-any
      assert.deepEqual(batch.ids, images.map(({ file }: any) => file));
      const sizes = batch.imageSizes.map((size) => [size.height, size.width]);
      assert.deepEqual(sizes, outputs.sizes);
      const [, height, width] = outputs.batch.shape;
      assert.deepEqual(batch.size, { width, height });
      // Float32 (grey - mean) / deviation there, once rounded here.
      assertClose(batch.images, outputs.batch.data, { ofLargest: 2e-7 });
      const { labels, weights, boxes } = outputs.targets[target.assignment];
      assert.deepEqual([...batch.labels], labels.data);
      assert.deepEqual(
        [...batch.labelWeights!],
        weights?.data ?? labels.data.map(() => 1),
      );
      if (boxes) assertClose(batch.boxTargets, boxes.data, { relative: 1e-6 });
    }
  }
});

Deno.test("createTrainingBatches() scales, clips and mirrors boxes inside the image, by hand", async () => {
  // 128x64 becomes 64x32 in 64x64; x halves, and 140 is beyond the image.
  const dataset = scenes([[128, 64], [64, 128]], [40, 10, 140, 60]);
  const seen = new Set<string>();
  for (let epoch = 0; epoch < 12; epoch++) {
    const source = batches({
      dataset,
      input: { ...input, buckets: 1 } as InputConfig,
      batchSize: 2,
    });
    const { ids, keys, imageSizes, labels, boxTargets, labelWeights } =
      await source.prepare(epoch, 0);
    const row = ids.indexOf(dataset.images[0].id);
    assert.deepEqual(imageSizes[row], { width: 64, height: 32 });
    const flip = keys[row]!.split("|")[1];
    seen.add(flip);
    assert.ok(keys[row]!.endsWith(`|${flip}|64x32 in 64x64`));
    const anchors = labels.length / 2;
    const positive = labels.indexOf(0, row * anchors);
    assert.ok(positive >= 0 && positive < (row + 1) * anchors);
    assert.deepEqual(
      [...boxTargets.slice(positive * 4, positive * 4 + 4)],
      flip === "h" ? [0, 5, 44, 30] : [20, 5, 64, 30],
    );
    // 8 rows of 8 cells of 8 pixels: the lower four are padding.
    const fine = labelWeights!.slice(row * anchors, row * anchors + 64);
    assert.deepEqual(
      [...fine],
      Array.from({ length: 64 }, (_, cell) => cell < 32 ? 1 : 0),
    );
  }
  assert.deepEqual([...seen].sort(), ["h", "none"]);
});

Deno.test("createTrainingBatches() leaves padding out of regions, but for FCOS", async () => {
  const dataset = scenes([[128, 64], [64, 128]], [40, 10, 120, 60]);
  const options: Partial<TrainingBatchOptions> = {
    dataset,
    input: { ...input, buckets: 1 } as InputConfig,
    batchSize: 2,
    regions: [{ kind: "all" }],
  };
  const { labelWeights, regions } = await batches(options).prepare(0, 0);
  assert.deepEqual(regions.all, labelWeights);
  assert.ok(labelWeights!.includes(0));
  const target = targetRuleOf({ kind: "fcos", numClasses: 3 });
  const fcos = await batches({ ...options, target }).prepare(0, 0);
  assert.ok(fcos.labelWeights!.every((weight) => weight === 1));
  assert.ok(fcos.regions.all.every((weight) => weight === 1));
});

Deno.test("createTrainingBatches() brings label weights to all batches or to none", async () => {
  const target = targetRuleOf({ kind: "retina", numClasses: 3 });
  const stretch = { kind: "stretch", width: 64, height: 64 } as const;
  const hasWeights = async (options: Partial<TrainingBatchOptions>) =>
    "labelWeights" in await batches(options).prepare(0, 0);
  assert.equal(await hasWeights({}), true);
  assert.equal(await hasWeights({ input: stretch }), false);
  assert.equal(await hasWeights({ input: stretch, target }), true);
});

/** Both ways round, several ratios, a few of each. */
const MANY = Array.from({ length: 23 }, (_, at): [number, number] => {
  const long = 100 + at % 5 * 17;
  return at % 3 === 0 ? [70, long] : [long, 70];
});

Deno.test("createTrainingBatches() shows every image once an epoch but for fewer than a batch, each inside one of few sizes", async () => {
  const dataset = scenes(MANY);
  for (const buckets of [1, 2, 4]) {
    const manyScales: InputConfig = {
      kind: "keepRatio",
      train: { mode: "range", scales: [[96, 24], [96, 64]] },
      test: [96, 64],
      buckets,
    };
    const sizes = inputSizes(dataset.images, manyScales, "train");
    assert.equal(sizes.length, buckets);
    const options = { dataset, input: manyScales, batchSize: 4 };
    const scales = new Set<string>();
    for (let epoch = 0; epoch < 3; epoch++) {
      const made = await epochOf(options, epoch);
      assert.equal(made.length, 5); // of 23 images
      assert.equal(new Set(made.flatMap(({ ids }) => ids)).size, 20);
      for (const { size, images, imageSizes, ids, keys } of made) {
        assert.ok(sizes.some((known) => same(known, size)));
        assert.equal(images.length, 4 * size.width * size.height * 3);
        assert.deepEqual(keys, Array(4).fill(undefined));
        for (const [row, { width, height }] of imageSizes.entries()) {
          assert.ok(width <= size.width && height <= size.height);
          scales.add(`${ids[row]} ${width}`);
        }
      }
    }
    assert.ok(scales.size > 40, `${scales.size} sizes of 60 images`);
  }
});

const same = (
  a: { width: number; height: number },
  b: { width: number; height: number },
) => a.width === b.width && a.height === b.height;

Deno.test("createTrainingBatches() fits the images of a mixed batch into its size", async () => {
  // Of each way round one is left over: the third batch is mixed.
  const dataset = scenes([
    ...Array(3).fill([128, 64]),
    ...Array(3).fill([64, 128]),
  ], [0, 0, 64, 64]);
  const target = targetRuleOf({ kind: "fcos", numClasses: 3 });
  const options = { dataset, target, batchSize: 2 };
  const [first, second, mixed] = await epochOf(options, 0);
  for (const { size, imageSizes } of [first, second]) {
    // 128x64 becomes 64x32 and 64x128 becomes 32x64.
    assert.deepEqual(imageSizes, [size, size]);
  }
  const { size, imageSizes, labels, boxTargets } = mixed;
  const lies = size.width > size.height;
  const other = lies ? { width: 16, height: 32 } : { width: 32, height: 16 };
  const row = imageSizes.findIndex((image) => same(image, other));
  assert.ok(row >= 0, JSON.stringify(imageSizes));
  // A quarter of the original: the box is 16 pixels wide, 32 if nothing shrinks.
  const anchors = labels.length / 2;
  const positive = labels.indexOf(0, row * anchors);
  const box = boxTargets.slice(positive * 4, positive * 4 + 4);
  assert.deepEqual([box[2] - box[0], box[3] - box[1]], [16, 16]);
});

Deno.test("createTrainingBatches() depends on seed, epoch and index only when scales are drawn", async () => {
  const options: Partial<TrainingBatchOptions> = {
    dataset: scenes(MANY.slice(0, 9)),
    batchSize: 2,
    input: {
      kind: "keepRatio",
      train: { mode: "range", scales: [[96, 24], [96, 64]] },
      test: [96, 64],
    },
  };
  const inOrder = [...await epochOf(options, 0), ...await epochOf(options, 1)];
  const fresh = batches(options);
  for (const [epoch, index] of [[1, 3], [0, 2], [1, 0]]) {
    const again = await fresh.prepare(epoch, index);
    assert.deepEqual(again, inOrder[epoch * 4 + index]);
  }
  // Nor on the number of workers, the memory, or where a run starts.
  const loaded = async (changes: object) => {
    const all: Batch[] = [];
    const augmentation = { flips: "horizontal" } as const;
    const loader = createLoader({
      ...{ dataset: scenes(MANY.slice(0, 9)), batchSize: 2, seed: 0 },
      ...{ input: options.input!, augmentation, epochs: 2, ...changes },
    });
    for await (const batch of loader) all.push(batch);
    return all;
  };
  assert.deepEqual(await loaded({ workers: 1 }), inOrder);
  assert.deepEqual(await loaded({ workers: 3, cacheBytes: 0 }), inOrder);
  const start = { epoch: 0, index: 3 };
  assert.deepEqual(await loaded({ workers: 2, start }), inOrder.slice(3));
});

Deno.test("createTrainingBatches() gives equal inputs and targets for equal keys, sizes included", async () => {
  const dataset = scenes(MANY.slice(0, 5));
  const seen = new Map<string, [Float32Array, Int32Array]>();
  let repeats = 0;
  for (let epoch = 0; epoch < 8; epoch++) {
    for (
      const { keys, images, labels } of await epochOf(
        { dataset, batchSize: 2 },
        epoch,
      )
    ) {
      for (const [row, key] of keys.entries()) {
        const part = <T extends Float32Array | Int32Array>(all: T) =>
          all.subarray(row * all.length / 2, (row + 1) * all.length / 2) as T;
        const values: [Float32Array, Int32Array] = [part(images), part(labels)];
        const known = seen.get(key!);
        if (known) {
          repeats++;
          assert.deepEqual(values, known);
        }
        seen.set(key!, values);
      }
    }
  }
  assert.ok(repeats > 8, `${repeats} repeats`);
});

Deno.test("createTrainingBatches() fails when images that keep their ratio are to be jittered, or inputs are none", () => {
  const augmentation = { flips: true, jitter: TEACHER_JITTER };
  assert.throws(() => batches({ augmentation }), {
    name: "RangeError",
    message:
      'Cannot make batches of scenes/1: jitter is for stretched images: current input is of kind "keepRatio"',
  });
  assert.throws(() => batches({ input: { ...input, divisor: 0 } as never }), {
    name: "RangeError",
    message: /divisor must be a positive integer: current value is 0/,
  });
});
