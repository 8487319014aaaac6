import type { Dataset } from "./dataset.ts";

/**
 * Several datasets of the same classes as one, one after another.
 *
 * Use it for Pascal VOC 07+12 as published: `trainval` of VOC2007, then of
 * VOC2012.
 *
 * @param datasets At least one; classes the same and in the same order, ids and
 * paths of images all different.
 * @returns Their images and warnings in order, named `voc07/trainval +
 * voc12/trainval`.
 * @throws {TypeError} If there is no dataset.
 * @throws {RangeError} If classes differ, or ids or paths repeat.
 * @see MMDetection 3.3.0, `configs/_base_/datasets/voc0712.py`: `ConcatDataset`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { concatenateDatasets } from "ldlab/data/concatenate.ts";
 * import { makeScenes } from "ldlab/data/scenes.ts";
 *
 * const one = makeScenes({ seed: 1, count: 2 });
 * const other = makeScenes({ seed: 2, count: 3 });
 * const both = concatenateDatasets([one, other]);
 * assert.deepEqual(both.images, [...one.images, ...other.images]);
 * ```
 */
export function concatenateDatasets(datasets: readonly Dataset[]): Dataset {
  if (datasets.length === 0) {
    throw new TypeError(
      "Cannot concatenate datasets: there is none. Give at least one",
    );
  }
  const [{ classes, name: first }] = datasets;
  const holders = { id: new Map(), path: new Map<string, string>() };
  for (const { name, classes: own, images } of datasets) {
    const same = own.length === classes.length &&
      own.every((text, label) => text === classes[label]);
    if (!same) {
      throw new RangeError(
        `Cannot concatenate datasets: ${name} must have the classes of ${first}, ${
          classes.join(", ")
        }, in that order: current classes are ${own.join(", ")}`,
      );
    }
    for (const image of images) {
      for (const key of ["id", "path"] as const) {
        const holder = holders[key].get(image[key]);
        if (holder !== undefined) {
          throw new RangeError(
            `Cannot concatenate datasets: ${name} has the ${key} ${
              image[key]
            }, as ${holder} has. Leave one image out, or repeat with repeatDataset()`,
          );
        }
        holders[key].set(image[key], name);
      }
    }
  }
  return {
    name: datasets.map(({ name }) => name).join(" + "),
    classes,
    images: datasets.flatMap(({ images }) => images),
    warnings: datasets.flatMap(({ warnings }) => warnings),
  };
}
