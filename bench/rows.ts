import type { Row } from "./row.ts";
import { assignmentRow } from "./rows/assignment.ts";
import { cocoRow } from "./rows/coco.ts";
import { distillationSteps } from "./rows/distillation_step.ts";
import { eagerOpRow } from "./rows/eager_op.ts";
import { gpuSteps } from "./rows/gpu_steps.ts";
import { gpuInferenceRows, inferenceRow } from "./rows/inference.ts";
import { nmsRows } from "./rows/nms.ts";
import { smallStepRow } from "./rows/small_step.ts";

/** Every row of the table on an NVIDIA card, in its order. */
export const GPU_ROWS: readonly Row[] = [...gpuSteps, ...gpuInferenceRows];

/** Every row of the table on the processor, in its order. */
export const ROWS: readonly Row[] = [
  ...distillationSteps,
  smallStepRow,
  inferenceRow,
  assignmentRow,
  ...nmsRows,
  cocoRow,
  eagerOpRow,
];
