import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { makeAnchors } from "ldlab/boxes/anchors.ts";
import type { Dataset } from "ldlab/data/dataset.ts";
import { epochOrder } from "ldlab/data/epoch_order.ts";
import { type Flip, flipBoxes, FLIPS } from "ldlab/data/flip.ts";
import { TEACHER_JITTER } from "ldlab/data/jitter.ts";
import { loadImage } from "ldlab/data/load_image.ts";
import { writeNetworkInput } from "ldlab/data/network_input.ts";
import { resizeArea } from "ldlab/data/resize_area.ts";
import { makeScenes } from "ldlab/data/scenes.ts";
import {
  type Batch,
  createTrainingBatches,
  type TrainingBatchOptions,
} from "ldlab/data/training_batches.ts";
import { readVoc } from "ldlab/data/voc.ts";
import { assignAtss } from "ldlab/regions/atss.ts";
import { gtBoxRegion } from "ldlab/regions/gt_box.ts";
import { regionKey } from "ldlab/regions/region.ts";
import { vlrRegion } from "ldlab/regions/vlr.ts";

const dataset = makeScenes({ seed: 1, count: 10 });

function batches(options: Partial<TrainingBatchOptions> = {}) {
  return createTrainingBatches({
    dataset,
    input: { kind: "stretch", width: 128, height: 96 },
    batchSize: 4,
    seed: 0,
    augmentation: { flips: true },
    ...options,
  });
}

/** A dataset of one scene with other boxes. */
function oneImage(boxes: number[], difficult: number[] = []): Dataset {
  const count = boxes.length / 4;
  return {
    ...dataset,
    images: [{
      ...dataset.images[0],
      boxes: Float32Array.from(boxes),
      labels: new Int32Array(count).fill(1),
      difficult: Uint8Array.from(
        { length: count },
        (_, g) => difficult[g] ?? 0,
      ),
    }],
  };
}

Deno.test("createTrainingBatches() prepares the reference recipe's sample of BCCD", async () => {
  const root = fileURLToPath(new URL("../../data/bccd", import.meta.url));
  const bccd = await readVoc(root, {
    split: "student",
    classes: ["RBC", "WBC", "Platelets"],
  });
  const [width, height] = [256, 192];
  const anchors = makeAnchors({ width, height });
  const source = batches({
    dataset: bccd,
    input: { kind: "stretch", width, height },
    batchSize: 8,
    regions: [{ kind: "vlr", measure: "diou" }, { kind: "gtBox" }],
  });
  // 73 images, 8 a batch, the rest dropped: 24 epochs are 216 steps.
  assert.equal(source.batchesPerEpoch, 9);
  const batch = await source.prepare(2, 3);
  const order = epochOrder(0, 2, 73);
  let groundTruth = 0;
  for (let row = 0; row < 8; row++) {
    const record = bccd.images[order[3 * 8 + row]];
    const [path, flip] = batch.keys[row]!.split("|") as [string, Flip];
    assert.equal(path, record.path);
    assert.equal(batch.ids[row], record.id);
    // Boxes · 0.4, then x1' = W − x2.
    const boxes = flipBoxes(
      record.boxes.map((value) => value * 0.4),
      flip,
      width,
      height,
    );
    const gt = { boxes, labels: record.labels };
    const expected = assignAtss(anchors, gt, { numClasses: 3 });
    const part = <T extends Float32Array | Int32Array>(all: T, size: number) =>
      all.subarray(row * size, (row + 1) * size);
    assert.ok(expected.positives > 0);
    assert.deepEqual(part(batch.labels, anchors.count), expected.labels);
    assert.deepEqual(
      part(batch.boxTargets, anchors.count * 4),
      expected.boxTargets,
    );
    const [vlr, gtBox] = Object.values(batch.regions);
    assert.deepEqual(
      part(vlr, anchors.count),
      vlrRegion(anchors, gt, { measure: "diou" }),
    );
    assert.deepEqual(part(gtBox, anchors.count), gtBoxRegion(anchors, gt));
    const image = new Float32Array(height * width * 3);
    const small = resizeArea(await loadImage(record), width, height);
    writeNetworkInput(small, image, flip);
    assert.deepEqual(part(batch.images, image.length), image);
    groundTruth += record.labels.length;
  }
  assert.equal(batch.groundTruth, groundTruth);
});

Deno.test("createTrainingBatches() depends on seed, epoch and index only", async () => {
  for (const jitter of [undefined, TEACHER_JITTER]) {
    const augmentation = { flips: true, jitter };
    const forward = batches({ augmentation });
    const inOrder: Batch[] = [];
    for (const [epoch, index] of [[0, 0], [0, 1], [1, 0], [1, 1]]) {
      inOrder.push(await forward.prepare(epoch, index));
    }
    const fresh = batches({ augmentation });
    assert.deepEqual(await fresh.prepare(1, 1), inOrder[3]);
    assert.deepEqual(await fresh.prepare(0, 1), inOrder[1]);
    const other = await batches({ augmentation, seed: 1 }).prepare(0, 0);
    assert.notDeepEqual(other.images, inOrder[0].images);
    assert.notDeepEqual(inOrder[0].ids, inOrder[2].ids);
  }
});

Deno.test("createTrainingBatches() visits an image once an epoch and drops the rest", async () => {
  const source = batches();
  assert.equal(source.batchesPerEpoch, 2);
  for (let epoch = 0; epoch < 5; epoch++) {
    const ids = [
      ...(await source.prepare(epoch, 0)).ids,
      ...(await source.prepare(epoch, 1)).ids,
    ];
    assert.equal(new Set(ids).size, 8);
  }
});

Deno.test("createTrainingBatches() draws the four flips equally often, none without flips", async () => {
  const counts = new Map<string, number>();
  const source = batches({ batchSize: 10 });
  for (let epoch = 0; epoch < 100; epoch++) {
    for (const key of (await source.prepare(epoch, 0)).keys) {
      const flip = (key as string).split("|")[1];
      counts.set(flip, (counts.get(flip) ?? 0) + 1);
    }
  }
  // 1000 draws: 250 each, deviation sqrt(1000 · 3/16) = 13.7.
  for (const flip of FLIPS) {
    assert.ok(Math.abs((counts.get(flip) ?? 0) - 250) < 60, flip);
  }
  const plain = await batches({ augmentation: { flips: false } }).prepare(0, 0);
  assert.ok(plain.keys.every((key) => key!.endsWith("|none")));
});

Deno.test("createTrainingBatches() gives equal data for equal keys and no key to jitter", async () => {
  const source = batches({ batchSize: 10 });
  const seen = new Map<string, Float32Array>();
  let repeats = 0;
  for (let epoch = 0; epoch < 8; epoch++) {
    const { keys, images } = await source.prepare(epoch, 0);
    for (const [row, key] of keys.entries()) {
      const size = images.length / 10;
      const image = images.subarray(row * size, (row + 1) * size);
      const known = seen.get(key as string);
      if (known) {
        repeats++;
        assert.deepEqual(image, known);
      }
      seen.set(key as string, image);
    }
  }
  assert.ok(repeats > 30);
  const augmentation = { flips: true, jitter: TEACHER_JITTER };
  const { keys } = await batches({ augmentation }).prepare(0, 0);
  assert.deepEqual(keys, new Array(4).fill(undefined));
});

Deno.test("createTrainingBatches() gives other keys to images of another data set or size, though their ids are equal", async () => {
  const [small, large] = [64, 128].map((width) =>
    makeScenes({ seed: 1, count: 1, width, height: 64 })
  );
  const other = { ...small.images[0], path: "elsewhere/1.jpg" };
  const keysOf = async (dataset: Dataset) => {
    const options = { dataset, batchSize: 1, augmentation: { flips: false } };
    const { ids, keys } = await batches(options).prepare(0, 0);
    assert.deepEqual(ids, [small.images[0].id]);
    return keys[0];
  };
  const keys = [
    await keysOf(small),
    await keysOf(large),
    await keysOf({ ...small, images: [other] }),
  ];
  assert.equal(new Set(keys).size, 3);
});

Deno.test("createTrainingBatches() makes all background when an image has no boxes", async () => {
  for (const jitter of [undefined, TEACHER_JITTER]) {
    const source = batches({
      dataset: oneImage([]),
      batchSize: 1,
      augmentation: { flips: true, jitter },
      regions: [{ kind: "vlr" }],
    });
    const batch = await source.prepare(0, 0);
    assert.deepEqual(Object.keys(batch.regions), [regionKey({ kind: "vlr" })]);
    assert.ok(batch.labels.every((label) => label === 3));
    assert.ok(batch.boxTargets.every((value) => value === 0));
    const [vlr] = Object.values(batch.regions);
    assert.ok(vlr.every((weight) => weight === 0));
    assert.equal(batch.groundTruth, 0);
  }
});

Deno.test("createTrainingBatches() does not learn difficult boxes", async () => {
  const easy = [20, 20, 60, 60];
  const both = batches({
    dataset: oneImage([70, 30, 100, 70, ...easy], [1, 0]),
    batchSize: 1,
  });
  const one = batches({ dataset: oneImage(easy), batchSize: 1 });
  assert.deepEqual(await both.prepare(0, 0), await one.prepare(0, 0));
});

Deno.test("createTrainingBatches() scales boxes by width and height apart", async () => {
  const source = batches({
    dataset: oneImage([32, 24, 96, 72]),
    batchSize: 1,
    input: { kind: "stretch", width: 64, height: 96 },
    augmentation: { flips: false },
  });
  const { labels, boxTargets } = await source.prepare(0, 0);
  const positive = labels.indexOf(1);
  assert.ok(positive >= 0);
  assert.deepEqual(
    [...boxTargets.slice(positive * 4, positive * 4 + 4)],
    [16, 24, 48, 72],
  );
});

Deno.test("createTrainingBatches() fails when the batch size does not suit", () => {
  for (const batchSize of [0, 11, 2.5]) {
    assert.throws(() => batches({ batchSize }), {
      name: "RangeError",
      message:
        `Cannot make batches of scenes/1: the batch size must be an integer from 1 to 10, its number of images: current value is ${batchSize}`,
    });
  }
});
