import assert from "node:assert/strict";
import { createEvaluationBatches } from "ldlab/data/evaluation_batches.ts";
import { loadImage } from "ldlab/data/load_image.ts";
import { writeNetworkInput } from "ldlab/data/network_input.ts";
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
  const { sizes, scales, indices } = await source.prepare(0);
  assert.deepEqual(sizes, new Array(5).fill(size));
  assert.deepEqual(scales, new Array(5).fill({ x: 0.5, y: 2 }));
  assert.deepEqual(indices, [0, 1, 2, 3, 4]);
});

Deno.test("createEvaluationBatches() fails when the batch size is no positive integer", () => {
  for (const batchSize of [0, 1.5, NaN]) {
    assert.throws(
      () => createEvaluationBatches({ dataset, input, batchSize }),
      { name: "RangeError", message: /must be a positive integer/ },
    );
  }
});
