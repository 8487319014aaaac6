import * as tf from "@tensorflow/tfjs-core";
import {
  createDetector,
  type DetectorConfig,
  measureComplexity,
} from "../../lib/detectors/mod.ts";
import type { Figure } from "../figure.ts";
import { publishedStep } from "../rows/distillation_step.ts";
import type { StepTask } from "../steps/step_task.ts";
import { freshStep } from "./fresh_step.ts";

const BATCH = 2;
/** Side of the square matrices. */
const SIDE = 4096;
/** Steps and products in turn; the best of each counts. */
const ROUNDS = 5;

/** How much of what matrix products reach here the step reaches. */
export const peakShare: Figure = {
  id: "peak-share",
  what: "share of the matrix-product peak in the step at 320²",
  measure: async () => {
    const task = publishedStep({ size: 320, batchSize: BATCH });
    const step = await freshStep(task);
    try {
      await step.once();
      const operations = operationsOf(task);
      const [steps, products]: number[][] = [[], []];
      for (let i = 0; i < ROUNDS; i++) {
        steps.push(await step.once());
        products.push(await productTime());
      }
      const milliseconds = Math.min(...steps);
      const peak = 2 * SIDE ** 3 / Math.min(...products) * 1000;
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
  const forward = (config: DetectorConfig) => {
    const detector = createDetector(config, { seed: 1 });
    const { multiplyAdds } = measureComplexity(detector, input);
    detector.dispose();
    return 2 * multiplyAdds * BATCH;
  };
  return 3 * forward(student) + forward(teacher);
}

/** Milliseconds of a large product. */
async function productTime(): Promise<number> {
  const [a, b] = [1, 2].map((seed) =>
    tf.randomNormal([SIDE, SIDE], 0, 1, "float32", seed)
  );
  const uploaded = tf.tidy(() => tf.sum(tf.add(a, b)));
  await uploaded.data();
  const from = performance.now();
  const sum = tf.tidy(() => tf.sum(tf.matMul(a, b)));
  await sum.data(); // a number, so that reading costs nothing
  const milliseconds = performance.now() - from;
  tf.dispose([a, b, uploaded, sum]);
  return milliseconds;
}
