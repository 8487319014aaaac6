import type { Row } from "../row.ts";
import { prepareStep } from "../steps/prepare_step.ts";
import { openSharedStep } from "../steps/step_task.ts";
import { publishedStep } from "./distillation_step.ts";

/** The two steps: the published one, and that of one card at full width. */
const STEPS = [
  {
    id: "r101-r50",
    size: { width: 1344, height: 800 }, // 1333 as networks of stride 32 pad it
    batchSize: 2,
    teacher: 101,
    student: 50,
  },
  {
    id: "r50-r18",
    size: { width: 640, height: 480 },
    batchSize: 32,
    teacher: 50,
    student: 18,
  },
] as const;

/**
 * Distillation steps on a card, in float32 as cards multiply it (TensorFloat-32)
 * and in bfloat16, as recorded and compiled by XLA, against the fastest that
 * PyTorch gives: eager or `torch.compile`, in either memory layout.
 */
export const gpuSteps: readonly Row[] = STEPS.flatMap(({ id, ...step }) =>
  (["float32", "bfloat16"] as const).flatMap((precision) =>
    [false, true].map((xla): Row => {
      const { batchSize, size: { width, height }, teacher, student } = step;
      const name = precision === "float32" ? "tf32" : "bf16";
      return {
        id: `${name}-${id}${xla ? "-xla" : ""}`,
        work: `distillation step R${teacher} → R${student}, ` +
          `${precision === "float32" ? "TF32" : precision}, batch ` +
          `${batchSize} at ${width}×${height}${xla ? ", XLA" : ""}`,
        peer: `fastest PyTorch, ${
          precision === "float32" ? "TF32" : "bfloat16 autocast"
        }`,
        limit: 1,
        images: batchSize,
        prepare: () =>
          prepareStep(
            (folder, ours) =>
              openSharedStep(publishedStep(step), folder, ours, xla),
            {
              ours: precision,
              theirs: precision,
              device: "gpu",
              describe: (layout) =>
                "80 classes, 8 boxes an image, LD and KD on both regions; SGD; " +
                "batch norms with running statistics, as published; PyTorch " +
                layout,
            },
          ),
      };
    })
  )
);
