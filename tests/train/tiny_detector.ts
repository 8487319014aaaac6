/** A GFL detector and scenes small enough for tests of whole steps and runs. */
import { makeAnchors } from "ldlab/boxes/anchors.ts";
import { makeScenes } from "ldlab/data/scenes.ts";
import type { TrainingBatchOptions } from "ldlab/data/training_batches.ts";
import type { Detector } from "ldlab/detectors/detector.ts";
import { createDetector } from "ldlab/detectors/create_detector.ts";

export const input = { width: 96, height: 64 };
export const anchors = makeAnchors(input);
const dataset = makeScenes({ seed: 1, count: 6 });

/** Two images a batch, three batches an epoch. */
export const data: TrainingBatchOptions = {
  dataset,
  input: { kind: "stretch", ...input },
  batchSize: 2,
  seed: 3,
  augmentation: { flips: true },
};

/** The detector's differences from the published one. */
export const tinyConfig = {
  kind: "gfl",
  numClasses: dataset.classes.length,
  backbone: { depth: 18, baseWidth: 4 },
  neckChannels: 8,
  headChannels: 8,
  headConvs: 1,
  groups: 4,
} as const;

/** Fresh weights from a seed. */
export function tinyDetector(seed: number): Detector {
  return createDetector(tinyConfig, { seed });
}
