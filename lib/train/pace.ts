/** How fast a run goes. */
export interface PaceFigures {
  readonly imagesPerSecond: number;
  readonly secondsLeft: number;
  /** Share of the time spent waiting for batches, in [0, 1]. */
  readonly waitedFraction: number;
}

/**
 * Measures how fast a run goes. The first step, which records the step, counts
 * only until there is a second.
 *
 * @param options.stepsLeft Steps that the run will take.
 * @param options.clock Milliseconds from any start.
 * @returns `waitFor` passes on a promise and counts the time it takes as
 * waiting; `stepDone` is to be called after each step with its images.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { measurePace } from "ldlab/train/pace.ts";
 *
 * let now = 0;
 * const pace = measurePace({ stepsLeft: 10, clock: () => now });
 * now = 5000; // recording
 * pace.stepDone(8);
 * now = 5500;
 * const { imagesPerSecond, secondsLeft } = pace.stepDone(8);
 * assert.equal(imagesPerSecond, 16);
 * assert.equal(secondsLeft, 4);
 * ```
 */
export function measurePace(
  { stepsLeft, clock = () => performance.now() }: {
    stepsLeft: number;
    clock?: () => number;
  },
): {
  waitFor<T>(promise: Promise<T>): Promise<T>;
  stepDone(images: number): PaceFigures;
} {
  const counted = { since: clock(), steps: 0, images: 0, waited: 0 };
  let recorded = false;
  return {
    waitFor: async (promise) => {
      const start = clock();
      const value = await promise;
      counted.waited += clock() - start;
      return value;
    },
    stepDone: (images) => {
      stepsLeft--;
      counted.steps++;
      counted.images += images;
      const elapsed = clock() - counted.since;
      const figures = {
        imagesPerSecond: 1000 * counted.images / elapsed,
        secondsLeft: stepsLeft * elapsed / counted.steps / 1000,
        waitedFraction: counted.waited / elapsed,
      };
      if (!recorded) {
        recorded = true;
        Object.assign(counted, {
          since: clock(),
          steps: 0,
          images: 0,
          waited: 0,
        });
      }
      return figures;
    },
  };
}
