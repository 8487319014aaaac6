import type { Figure } from "../figure.ts";
import { publishedStep } from "../rows/distillation_step.ts";
import type { StepTask } from "../steps/step_task.ts";
import { freshStep, medianOf } from "./fresh_step.ts";

function figure(
  id: string,
  what: string,
  unit: string,
  tasks: ReadonlyMap<number, StepTask>,
): Figure {
  return {
    id,
    what: `step time against ${what}, as a power of it`,
    measure: async () => {
      const times: [amount: number, milliseconds: number][] = [];
      for (const [amount, task] of tasks) {
        const step = await freshStep(task);
        try {
          await step.once();
          times.push([amount, await medianOf(step)]);
        } finally {
          await step.close();
        }
      }
      const [[least, fastest], [most, slowest]] = [times[0], times.at(-1)!];
      return {
        value: Math.log(slowest / fastest) / Math.log(most / least),
        unit: "",
        limit: 1,
        note: "1 is linear; " +
          times.map(([amount, ms]) => `${amount} ${unit}: ${ms.toFixed(0)} ms`)
            .join(", "),
      };
    },
  };
}

/** How the step's time grows with what it is given. */
export const scaling: readonly Figure[] = [
  figure(
    "area",
    "image area",
    "pixels",
    new Map(
      [192, 384, 576].map((size) =>
        [size ** 2, publishedStep({ size, batchSize: 1 })] as const
      ),
    ),
  ),
  figure(
    "boxes",
    "boxes an image, at 320²",
    "boxes",
    new Map(
      [4, 20, 100].map((boxes) =>
        [boxes, publishedStep({ size: 320, batchSize: 2, boxes })] as const
      ),
    ),
  ),
];
