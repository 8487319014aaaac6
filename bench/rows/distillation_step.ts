import { PRESETS } from "../../lib/distill/mod.ts";
import type { Row } from "../row.ts";
import { prepareStep } from "../steps/prepare_step.ts";
import type { StepTask } from "../steps/step_task.ts";
import { makeSyntheticBatch } from "../steps/synthetic_batch.ts";

/** The published pair with every term of LD at CVPR 2022, on noise. */
export function publishedStep(
  { size, batchSize, boxes = 8 }: {
    size: number;
    batchSize: number;
    boxes?: number;
  },
): StepTask {
  const input = { width: size, height: size };
  // The published configs: ImageNet's statistics and first stage stay.
  const config = { numClasses: 80, frozenStages: 1, normEval: true } as const;
  return {
    input,
    student: { ...config, depth: 18 },
    teacher: { ...config, depth: 50 },
    cached: false,
    // The released code knows the fourth term too, and weighs it by 0.
    terms: { ...PRESETS.cvpr2022, vlrKd: PRESETS.cvpr2022.kd },
    optimizer: { kind: "sgd", learningRate: 1e-4, weightDecay: 1e-4 },
    batch: (anchors) =>
      makeSyntheticBatch({ input, anchors, batchSize, boxes, numClasses: 80 }),
  };
}

function published(id: string, size: number, batchSize: number): Row {
  return {
    id,
    work: `distillation step, float32, batch ${batchSize} at ${size}²`,
    peer: "eager PyTorch",
    limit: 1,
    prepare: () =>
      prepareStep(
        publishedStep({ size, batchSize }),
        (layout) =>
          "R50-GFL teacher's forward pass and R18-GFL student's training step, " +
          "80 classes, 8 boxes an image, LD and KD on both regions; SGD; batch " +
          `norms with running statistics, as published; PyTorch ${layout}`,
      ),
  };
}

/** The published pair at two sizes. */
export const distillationSteps: readonly Row[] = [
  published("step-320", 320, 2),
  published("step-96", 96, 8),
];
