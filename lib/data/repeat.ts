import type { Dataset } from "./dataset.ts";

/**
 * A dataset whose epoch is several passes over another's images.
 *
 * Use it to train as published on small datasets: an epoch of Pascal VOC 07+12
 * is three passes. The passes are shuffled together, so an image may come again
 * at any time; don't evaluate on it.
 *
 * @param dataset The images of one pass.
 * @param times Passes an epoch, a positive integer.
 * @returns The images pass after pass, the same records, named `... x 3`.
 * @throws {RangeError} If `times` is not a positive integer.
 * @see MMEngine's `RepeatDataset`; MMDetection 3.3.0,
 * `configs/_base_/datasets/voc0712.py`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { repeatDataset } from "ldlab/data/repeat.ts";
 * import { makeScenes } from "ldlab/data/scenes.ts";
 *
 * const { images } = repeatDataset(makeScenes({ seed: 1, count: 2 }), 3);
 * assert.equal(images.length, 6);
 * assert.equal(images[4], images[0]);
 * ```
 */
export function repeatDataset(dataset: Dataset, times: number): Dataset {
  if (!Number.isInteger(times) || times < 1) {
    throw new RangeError(
      `Cannot repeat ${dataset.name}: times must be a positive integer: current value is ${times}`,
    );
  }
  const { name, classes, images, warnings } = dataset;
  return {
    name: `${name} x ${times}`,
    classes,
    images: Array.from({ length: times }, () => images).flat(),
    warnings,
  };
}
