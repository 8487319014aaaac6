import assert from "node:assert/strict";
import { makeScenes } from "ldlab/data/scenes.ts";
import { createTrainingBatches } from "ldlab/data/training_batches.ts";
import { createUnionBatches } from "../../bench/union_batches.ts";

const detector = { kind: "gfl", numClasses: 3 } as const;
const sizes = [[128, 96], [64, 128], [128, 40], [100, 128]];
const dataset = {
  ...makeScenes({ seed: 0, count: 1 }),
  images: sizes.flatMap(([width, height], seed) =>
    makeScenes({ seed, count: 1, width, height }).images
  ),
};
const scale = [128, 128] as const; // as they are
const options = {
  dataset,
  input: {
    kind: "keepRatio",
    train: { mode: "value", scales: [scale] },
    test: scale,
  },
  seed: 3,
  augmentation: { flips: true },
} as const;

Deno.test("createUnionBatches() pads an image alone as the library does with as many sizes as there are", async () => {
  const input = { ...options.input, buckets: sizes.length };
  const expected = createTrainingBatches({ ...options, input, batchSize: 1 });
  const union = createUnionBatches({ ...options, detector, batchSize: 1 });
  const ids = new Map<string, number>();
  for (let index = 0; index < sizes.length; index++) {
    const { ids: [id] } = await expected.prepare(1, index);
    ids.set(id, index);
  }
  for (let index = 0; index < sizes.length; index++) {
    const batch = await union.prepare(1, index);
    const same = await expected.prepare(1, ids.get(batch.ids[0])!);
    assert.deepEqual(
      { ...batch, index: 0, keys: [] },
      { ...same, index: 0, keys: [] },
    );
  }
});

Deno.test("createUnionBatches() pads to what a batch holds, landscape and portrait apart", async () => {
  const union = createUnionBatches({ ...options, detector, batchSize: 2 });
  assert.equal(union.batchesPerEpoch, 2);
  const padded: string[] = [];
  for (let index = 0; index < 2; index++) {
    const { size } = await union.prepare(0, index);
    padded.push(`${size.width}x${size.height}`);
  }
  // 128x96 beside 128x64; 64x128 beside 128x128.
  assert.deepEqual(padded.sort(), ["128x128", "128x96"]);
});
