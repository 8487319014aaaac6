// B images, A locations of all levels, G boxes of an image.
import type { Anchors } from "../../lib/boxes/mod.ts";
import {
  createRandom,
  integerBelow,
  standardNormal,
  uniform,
} from "../../lib/random/mod.ts";
import { assignAtss, regionKey, vlrRegion } from "../../lib/regions/mod.ts";
import type { StepBatch } from "../../lib/train/mod.ts";

/** Sides of the synthetic boxes, as shares of the image's. */
const SIDES = [0.08, 0.5] as const;

/**
 * Makes a training batch of noise with random boxes, assigned on the host as the
 * loader does.
 *
 * @param options.input Size of the images.
 * @param options.anchors Of that size.
 * @param options.batchSize B.
 * @param options.boxes G.
 * @param options.numClasses Classes to draw from.
 */
export function makeSyntheticBatch(
  { input, anchors, batchSize, boxes, numClasses }: {
    input: StepBatch["size"];
    anchors: Anchors;
    batchSize: number;
    boxes: number;
    numClasses: number;
  },
): StepBatch {
  const { width, height } = input;
  const random = createRandom(1, "synthetic batch");
  const images = new Float32Array(batchSize * height * width * 3)
    .map(() => standardNormal(random));
  const labels = new Int32Array(batchSize * anchors.count);
  const boxTargets = new Float32Array(batchSize * anchors.count * 4);
  const vlr = new Float32Array(batchSize * anchors.count);
  for (let image = 0; image < batchSize; image++) {
    const truth = {
      boxes: new Float32Array(boxes * 4),
      labels: new Int32Array(boxes),
    };
    for (let box = 0; box < boxes; box++) {
      const [w, h] = [width, height].map((side) =>
        side * uniform(random, ...SIDES)
      );
      const [x, y] = [
        uniform(random, 0, width - w),
        uniform(random, 0, height - h),
      ];
      truth.boxes.set([x, y, x + w, y + h], box * 4);
      truth.labels[box] = integerBelow(random, numClasses);
    }
    const start = image * anchors.count;
    const targets = assignAtss(anchors, truth, { numClasses });
    labels.set(targets.labels, start);
    boxTargets.set(targets.boxTargets, start * 4);
    vlr.set(vlrRegion(anchors, truth), start);
  }
  const ids = Array.from({ length: batchSize }, (_, i) => `noise ${i}`);
  return {
    size: { width, height },
    images,
    labels,
    boxTargets,
    regions: { [regionKey({ kind: "vlr" })]: vlr },
    ids,
    keys: ids,
    epoch: 0,
    index: 0,
  };
}
