import { openEngine } from "../../lib/engine/mod.ts";
import type { Figure } from "../figure.ts";
import { smallStep } from "../rows/small_step.ts";
import { freshStep } from "./fresh_step.ts";
import { processMemory } from "./process_memory.ts";

const WARM_UP = 50;
const STEPS = 1000;

/** What 1,000 steps leave behind. */
export const growth: Figure = {
  id: "growth",
  what: `growth of resident memory over ${STEPS} steps of the small scale`,
  measure: async () => {
    const engine = await openEngine();
    const step = await freshStep(smallStep());
    try {
      for (let i = 0; i < WARM_UP; i++) await step.step();
      const before = engine.memory();
      const resident = await processMemory("VmRSS");
      for (let i = 0; i < STEPS; i++) await step.step();
      const after = engine.memory();
      const grown = await processMemory("VmRSS") - resident;
      const handles = after.handles - before.handles;
      const tensors = after.tensors - before.tensors;
      if (handles !== 0 || tensors !== 0) {
        throw new Error(`${handles} handles and ${tensors} tensors were left`);
      }
      return {
        value: grown,
        unit: "MiB",
        limit: 20,
        note:
          `from ${resident.toFixed(0)} MiB after ${WARM_UP} steps; no handle ` +
          "and no tensor more",
      };
    } finally {
      await step.close();
    }
  },
};
