import type { Work } from "./row.ts";

/**
 * Work of plain code in this process, as one side of a row.
 *
 * @param run Does it once.
 * @param repeats How often a timing repeats it; their mean counts. More than
 * once where one run is too short for the clock.
 */
export function hostWork(run: () => unknown, repeats = 1): Work {
  return {
    once: () => {
      const start = performance.now();
      for (let i = 0; i < repeats; i++) run();
      return Promise.resolve((performance.now() - start) / repeats);
    },
    close: () => Promise.resolve(),
  };
}
