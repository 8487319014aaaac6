import type { Row } from "./row.ts";
import { assignmentRow } from "./rows/assignment.ts";
import { cocoRow } from "./rows/coco.ts";
import { distillationSteps } from "./rows/distillation_step.ts";
import { eagerOpRow } from "./rows/eager_op.ts";
import { inferenceRow } from "./rows/inference.ts";
import { nmsRows } from "./rows/nms.ts";
import { smallStepRow } from "./rows/small_step.ts";

/** Every row of the table, in its order. */
export const ROWS: readonly Row[] = [
  ...distillationSteps,
  smallStepRow,
  inferenceRow,
  assignmentRow,
  ...nmsRows,
  cocoRow,
  eagerOpRow,
];
