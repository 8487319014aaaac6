/**
 * Measures how fast a run goes. The first step, which records the step, counts
 * only until there is a second.
 *
 * @param clock Milliseconds from any start.
 * @returns `stepDone`, to be called after each step with its number of images;
 * it returns images per second.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { measurePace } from "ldlab/train/pace.ts";
 *
 * let now = 0;
 * const pace = measurePace(() => now);
 * now = 5000; // recording
 * assert.equal(pace.stepDone(8), 1.6);
 * now = 5500;
 * assert.equal(pace.stepDone(8), 16);
 * ```
 */
export function measurePace(
  clock: () => number = () => performance.now(),
): { stepDone(images: number): number } {
  let since = clock();
  let counted = 0;
  let recorded = false;
  return {
    stepDone: (images) => {
      counted += images;
      const imagesPerSecond = 1000 * counted / (clock() - since);
      if (!recorded) {
        recorded = true;
        since = clock();
        counted = 0;
      }
      return imagesPerSecond;
    },
  };
}
