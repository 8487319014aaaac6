import assert from "node:assert/strict";
import { createEvaluationBatches } from "ldlab/data/evaluation_batches.ts";
import { loadImage } from "ldlab/data/load_image.ts";
import { writeNetworkInput } from "ldlab/data/network_input.ts";
import {
  IMAGENET_RGB,
  paddedSize,
  writePaddedInput,
} from "ldlab/data/padded_input.ts";
import { resizeBilinear } from "ldlab/data/resize_bilinear.ts";
import { makeScenes } from "ldlab/data/scenes.ts";

const dataset = makeScenes({ seed: 1, count: 5 });
const size = { width: 128, height: 96 };
const input = { kind: "stretch", ...size } as const;
const length = 128 * 96 * 3;

Deno.test("createEvaluationBatches() gives all images in order and fills the last batch with zeros", async () => {
  const source = createEvaluationBatches({ dataset, input, batchSize: 2 });
  assert.equal(source.batches, 3);
  const ids: string[] = [];
  for (let index = 0; index < source.batches; index++) {
    const batch = await source.prepare(index);
    assert.equal(batch.images.length, 2 * length);
    for (const [row, picture] of batch.indices.entries()) {
      const expected = new Float32Array(length);
      const image = await loadImage(dataset.images[picture]);
      writeNetworkInput(image, expected, "none");
      assert.deepEqual(
        batch.images.subarray(row * length, (row + 1) * length),
        expected,
      );
    }
    ids.push(...batch.ids);
  }
  assert.deepEqual(ids, dataset.images.map(({ id }) => id));
  const last = await source.prepare(2);
  assert.equal(last.count, 1);
  assert.ok(last.images.subarray(length).every((value) => value === 0));
});

Deno.test("createEvaluationBatches() says sizes and scales of each image", async () => {
  const source = createEvaluationBatches({
    dataset,
    input: { kind: "stretch", width: 64, height: 192 },
    batchSize: 5,
  });
  const batch = await source.prepare(0);
  const { sizes, scales, indices } = batch;
  assert.deepEqual(batch.size, { width: 64, height: 192 });
  assert.deepEqual(batch.imageSizes, new Array(5).fill(batch.size));
  assert.deepEqual(batch.paddedSizes, batch.imageSizes);
  assert.deepEqual(sizes, new Array(5).fill(size));
  assert.deepEqual(scales, new Array(5).fill({ x: 0.5, y: 2 }));
  assert.deepEqual(indices, [0, 1, 2, 3, 4]);
});

Deno.test("createEvaluationBatches() groups images that keep their ratio by size, and says which they are", async () => {
  const sizes = [
    [128, 96],
    [64, 128],
    [128, 90],
    [40, 50],
    ...Array(3).fill([128, 64]),
  ];
  const images = sizes.flatMap(([width, height], seed) =>
    makeScenes({ seed, count: 1, width, height }).images
  );
  const source = createEvaluationBatches({
    dataset: { ...dataset, images },
    input: {
      kind: "keepRatio",
      train: { mode: "value", scales: [[9, 9]] },
      test: [64, 48],
    },
    batchSize: 2,
  });
  const seen: number[][] = [];
  for (let index = 0; index < source.batches; index++) {
    const batch = await source.prepare(index);
    const { size, count, indices, imageSizes, paddedSizes, scales } = batch;
    seen.push([size.width, size.height, ...indices]);
    const length = size.width * size.height * 3;
    assert.equal(batch.images.length, 2 * length);
    assert.deepEqual([imageSizes.length, scales.length], [count, count]);
    assert.deepEqual(
      paddedSizes,
      imageSizes.map((image) => paddedSize(image)),
    );
    for (const [row, picture] of indices.entries()) {
      const { width, height } = imageSizes[row];
      const record = images[picture];
      assert.equal(batch.ids[row], record.id);
      assert.deepEqual(scales[row], {
        x: width / record.width,
        y: height / record.height,
      });
      const image = resizeBilinear(await loadImage(record), width, height);
      const expected = new Float32Array(length);
      writePaddedInput(image, expected, size, IMAGENET_RGB, "none");
      assert.deepEqual(
        batch.images.subarray(row * length, (row + 1) * length),
        expected,
      );
    }
    assert.ok(
      batch.images.subarray(count * length).every((value) => value === 0),
    );
  }
  // Each is padded by itself: 64x48, 64x45 and 48x60 to 64x64.
  assert.deepEqual(seen, [
    [64, 32, 4, 5],
    [64, 32, 6],
    [32, 64, 1],
    [64, 64, 0, 2],
    [64, 64, 3],
  ]);
});

Deno.test("createEvaluationBatches() fails when the batch size is no positive integer", () => {
  for (const batchSize of [0, 1.5, NaN]) {
    assert.throws(
      () => createEvaluationBatches({ dataset, input, batchSize }),
      { name: "RangeError", message: /must be a positive integer/ },
    );
  }
});
