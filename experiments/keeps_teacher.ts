import {
  FLIPS,
  type ImageRecord,
  inputSizes,
  scaleVaries,
} from "../lib/data/mod.ts";
import { anchorsOf, resolveDetectorConfig } from "../lib/detectors/mod.ts";
import { TEACHER_CACHE_BYTES } from "../lib/train/mod.ts";
import type { RunConfig } from "./config.ts";
import { teacherModel } from "./teacher_model.ts";

/**
 * Says whether a run's teacher keeps what it says about images: whether they come
 * again as they were, and all that it says fits into `cachedTeacher`'s memory.
 *
 * Use it to choose between `cachedTeacher` and `liveTeacher`, which looks at a
 * whole batch at once and reads nothing back. The published runs have live ones:
 * about COCO at 1333x800 a teacher says 3 TB.
 *
 * Kept are 4·V·N·(A·(C + 4n) + D·cells) bytes: N different images, V ways to flip
 * them, A anchors of the largest input, C classes, n numbers an edge, and D
 * channels of features, where they are wanted.
 *
 * @param config The run; it has a teacher.
 * @param images Its training images.
 * @param options.features Whether features are wanted.
 * @returns Whether it keeps them; false where images are jittered or their scale
 * is drawn.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { makeScenes } from "../lib/data/mod.ts";
 * import { keepsTeacher } from "./keeps_teacher.ts";
 * import { SCALES } from "./scales.ts";
 * const { teacher: config, student } = SCALES.smoke;
 * const run = { ...student, teacher: { config, seed: 0 } };
 * const { images } = makeScenes({ seed: 1, count: 32 });
 * assert.ok(keepsTeacher(run, images, { features: true }));
 * ```
 */
export function keepsTeacher(
  { input, augmentation, teacher }: RunConfig,
  images: readonly ImageRecord[],
  { features }: { features: boolean },
): boolean {
  const { flips, jitter } = augmentation;
  if (jitter) return false;
  if (input.kind === "keepRatio" && scaleVaries(input.train)) return false;
  const model = resolveDetectorConfig(teacherModel(teacher!));
  const { numClasses, regMax, neckChannels } = model;
  const edge = regMax === null ? 1 : regMax + 1;
  const numbers = inputSizes(images, input, "train").map((size) => {
    const { count, levels } = anchorsOf(model, size);
    const cells = levels
      .reduce((sum, { width, height }) => sum + width * height, 0);
    return count * (numClasses + 4 * edge) +
      (features ? neckChannels * cells : 0);
  });
  const ways = flips === true ? FLIPS.length : flips === "horizontal" ? 2 : 1;
  const inputs = ways * new Set(images.map(({ path }) => path)).size;
  return 4 * inputs * Math.max(...numbers) <= TEACHER_CACHE_BYTES;
}
