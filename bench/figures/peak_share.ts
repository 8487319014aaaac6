import * as tf from "@tensorflow/tfjs-core";
import {
  createGfl,
  type GflConfig,
  measureComplexity,
} from "../../lib/detectors/mod.ts";
import { openEngine } from "../../lib/engine/mod.ts";
import type { Figure } from "../figure.ts";
import { publishedStep } from "../rows/distillation_step.ts";
import type { StepTask } from "../steps/step_task.ts";
import { freshStep, medianOf } from "./fresh_step.ts";

const BATCH = 2;
/** Side of the square matrices. */
const SIDE = 2048;

/** How much of what matrix products reach here the step reaches. */
export const peakShare: Figure = {
  id: "peak-share",
  what: "share of the matrix-product peak in the step at 320²",
  measure: async () => {
    const task = publishedStep({ size: 320, batchSize: BATCH });
    const step = await freshStep(task);
    try {
      await step.once();
      const milliseconds = await medianOf(step);
      const operations = operationsOf(task);
      const peak = await matrixPeak();
      const reached = operations / milliseconds * 1000;
      return {
        value: 100 * reached / peak,
        unit: "%",
        limit: null,
        note: `${(operations / 1e9).toFixed(0)} GFLOP of convolutions (a ` +
          `training step as three forward passes, the teacher as one) in ` +
          `${milliseconds.toFixed(0)} ms are ${(reached / 1e9).toFixed(0)} ` +
          `GFLOP/s; a product of two ${SIDE}² matrices reaches ` +
          `${(peak / 1e9).toFixed(0)}, float32`,
      };
    } finally {
      await step.close();
    }
  },
};

function operationsOf({ student, teacher, input }: StepTask): number {
  const forward = (config: GflConfig) => {
    const detector = createGfl(config, { seed: 1 });
    const { multiplyAdds } = measureComplexity(detector, input);
    detector.dispose();
    return 2 * multiplyAdds * BATCH;
  };
  return 3 * forward(student) + forward(teacher);
}

/** Operations a second of a large product, the best of several. */
async function matrixPeak(): Promise<number> {
  await openEngine();
  const [a, b] = [1, 2].map((seed) =>
    tf.randomNormal([SIDE, SIDE], 0, 1, "float32", seed)
  );
  let best = 0;
  for (let i = 0; i < 10; i++) {
    const from = performance.now();
    const product = tf.matMul(a, b);
    await product.data();
    const seconds = (performance.now() - from) / 1000;
    product.dispose();
    best = Math.max(best, 2 * SIDE ** 3 / seconds);
  }
  tf.dispose([a, b]);
  return best;
}
