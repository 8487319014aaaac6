/**
 * Measures how much of its time a loop waits for what others make ready.
 *
 * @param clock Milliseconds from any start.
 * @returns `on`, which awaits a promise and counts how long that takes, and
 * `share`, how much of the time since the start that was, 0 to 1.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { measureWait } from "ldlab/train/wait.ts";
 *
 * let now = 0;
 * const wait = measureWait(() => now);
 * now = 900; // the step
 * const batch = Promise.resolve("a batch").finally(() => now += 100);
 * assert.equal(await wait.on(batch), "a batch");
 * assert.equal(wait.share(), 0.1);
 * ```
 */
export function measureWait(
  clock: () => number = () => performance.now(),
): { on<T>(coming: Promise<T>): Promise<T>; share(): number } {
  const since = clock();
  let waited = 0;
  return {
    on: async (coming) => {
      const ready = clock();
      try {
        return await coming;
      } finally {
        waited += clock() - ready;
      }
    },
    share: () => waited / Math.max(clock() - since, Number.MIN_VALUE),
  };
}
