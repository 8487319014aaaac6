import type { PredictBatch } from "../lib/eval/mod.ts";
import { createRandom, standardNormal } from "../lib/random/mod.ts";

/**
 * Batches of one image of noise, the same again and again: for a detector's speed
 * where there are no images at hand. Little or nothing is found in it.
 *
 * @param size Of the network's input, pixels.
 * @param options.count How many there are.
 * @param options.seed Of the noise.
 * @returns The batches, once.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { noiseBatches } from "./noise_batches.ts";
 * const seen = [];
 * for await (const batch of noiseBatches({ width: 64, height: 32 }, { count: 2, seed: 1 })) {
 *   seen.push(batch.indices[0]);
 * }
 * assert.deepEqual(seen, [0, 1]);
 * ```
 */
export async function* noiseBatches(
  size: { readonly width: number; readonly height: number },
  { count, seed }: { count: number; seed: number },
): AsyncGenerator<PredictBatch> {
  const random = createRandom(seed, "noise");
  const images = new Float32Array(size.height * size.width * 3)
    .map(() => standardNormal(random));
  for (let index = 0; index < count; index++) {
    yield await Promise.resolve({
      size,
      images,
      indices: [index],
      imageSizes: [size],
      paddedSizes: [size],
      scales: [{ x: 1, y: 1 }],
    });
  }
}
