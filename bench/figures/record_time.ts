import type { Figure } from "../figure.ts";
import { publishedStep } from "../rows/distillation_step.ts";
import { smallStep } from "../rows/small_step.ts";
import type { StepTask } from "../steps/step_task.ts";
import { freshStep, medianOf } from "./fresh_step.ts";

function figure(
  id: string,
  what: string,
  task: StepTask,
  limit: number,
): Figure {
  return {
    id: `record-${id}`,
    what: `record time of the ${what}`,
    measure: async () => {
      const step = await freshStep(task);
      try {
        const first = await step.once();
        const later = await medianOf(step, 3);
        return {
          value: (first - later) / 1000,
          unit: "s",
          limit,
          note:
            `the first call, ${
              (first / 1000).toFixed(2)
            } s, less a later one, ` +
            `${later.toFixed(0)} ms: recording teacher and student, and what ` +
            "TensorFlow makes of it",
        };
      } finally {
        await step.close();
      }
    },
  };
}

/** How long the first call of a step takes longer than the others. */
export const recordTimes: readonly Figure[] = [
  figure("step", "R50/R18 step", publishedStep({ size: 320, batchSize: 2 }), 5),
  figure("small", "small scale's step", smallStep(), 2),
];
