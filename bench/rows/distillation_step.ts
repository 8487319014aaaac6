import { PRESETS } from "../../lib/distill/mod.ts";
import type { Row } from "../row.ts";
import { prepareStep } from "../steps/prepare_step.ts";
import {
  openSharedStep,
  type StepPrecision,
  type StepTask,
} from "../steps/step_task.ts";
import { makeSyntheticBatch } from "../steps/synthetic_batch.ts";

/** A published pair with every term of LD at CVPR 2022, on noise. */
export function publishedStep(
  { size, batchSize, boxes = 8, teacher = 50, student = 18 }: {
    size: number | StepTask["input"];
    batchSize: number;
    boxes?: number;
    teacher?: 50 | 101;
    student?: 18 | 50;
  },
): StepTask {
  const input = typeof size === "number" ? { width: size, height: size } : size;
  // The published configs: ImageNet's statistics and first stage stay.
  const network = (depth: 18 | 50 | 101) =>
    ({
      kind: "gfl",
      numClasses: 80,
      backbone: { depth, frozenStages: 1, normEval: true },
    }) as const;
  return {
    input,
    student: network(student),
    teacher: network(teacher),
    cached: false,
    // The released code knows the fourth term too, and weighs it by 0.
    terms: {
      ...PRESETS.cvpr2022.terms,
      vlrKd: { ...PRESETS.cvpr2022.terms.kd, region: { kind: "vlr" } },
    },
    optimizer: { kind: "sgd", learningRate: 1e-4, weightDecay: 1e-4 },
    batch: (anchors) =>
      makeSyntheticBatch({ input, anchors, batchSize, boxes, numClasses: 80 }),
  };
}

/** How the two sides of a row compute. */
interface Precisions {
  /** Before the row's id. */
  readonly id: string;
  readonly ours: StepPrecision;
  readonly theirs: StepPrecision;
  readonly limit: number;
}

const PRECISIONS: readonly Precisions[] = [
  { id: "step", ours: "float32", theirs: "float32", limit: 1 },
  { id: "bf16", ours: "bfloat16", theirs: "bfloat16", limit: 1 },
  { id: "bf16-f32", ours: "bfloat16", theirs: "float32", limit: 0.55 },
];
const SIZES = [{ size: 320, batchSize: 2 }, { size: 96, batchSize: 8 }];

/** The published pair at two sizes and in two precisions. */
export const distillationSteps: readonly Row[] = PRECISIONS.flatMap(
  ({ id, ours, theirs, limit }) =>
    SIZES.map(({ size, batchSize }): Row => ({
      id: `${id}-${size}`,
      work: `distillation step, ${ours}, batch ${batchSize} at ${size}²`,
      peer: theirs === "float32"
        ? "eager PyTorch, float32"
        : "eager PyTorch, bfloat16 autocast",
      limit,
      prepare: () =>
        prepareStep(
          (folder, precision) =>
            openSharedStep(
              publishedStep({ size, batchSize }),
              folder,
              precision,
            ),
          {
            ours,
            theirs,
            describe: (layout) =>
              "R50-GFL teacher's forward pass and R18-GFL student's training step, " +
              "80 classes, 8 boxes an image, LD and KD on both regions; SGD; batch " +
              `norms with running statistics, as published; PyTorch ${layout}`,
          },
        ),
    })),
);
