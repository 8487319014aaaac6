import assert from "node:assert/strict";
import { repeatDataset } from "ldlab/data/repeat.ts";
import { makeScenes } from "ldlab/data/scenes.ts";
import { createTrainingBatches } from "ldlab/data/training_batches.ts";

const scenes = makeScenes({ seed: 1, count: 3 });

Deno.test("repeatDataset() gives the records pass after pass", () => {
  const repeated = repeatDataset(scenes, 3);
  assert.deepEqual(repeated.classes, scenes.classes);
  assert.equal(repeated.images.length, 9);
  for (const [index, image] of repeated.images.entries()) {
    assert.equal(image, scenes.images[index % 3]); // RepeatDataset's idx % len
  }
  assert.deepEqual(repeatDataset(scenes, 1).images, scenes.images);
});

Deno.test("repeatDataset() makes an epoch of training several passes, shuffled together", async () => {
  const { batchesPerEpoch, prepare } = createTrainingBatches({
    dataset: repeatDataset(scenes, 4),
    input: { kind: "stretch", width: 128, height: 96 },
    batchSize: 3,
    seed: 0,
    augmentation: { flips: true },
  });
  assert.equal(batchesPerEpoch, 4);
  const passes: string[][] = [];
  for (let number = 0; number < batchesPerEpoch; number++) {
    passes.push([...(await prepare(0, number)).ids]);
  }
  const once = scenes.images.map(({ id }) => id).sort();
  assert.deepEqual(
    passes.flat().sort(),
    once.flatMap((id) => Array(4).fill(id)),
  );
  assert.notDeepEqual(passes.map((ids) => ids.sort()), Array(4).fill(once));
});

Deno.test("repeatDataset() fails when times is not a positive integer", () => {
  for (const times of [0, -1, 1.5, NaN, Infinity]) {
    assert.throws(() => repeatDataset(scenes, times), {
      name: "RangeError",
      message: /times must be a positive integer: current value is /,
    });
  }
});
