import type { Row } from "./row.ts";
import { distillationSteps } from "./rows/distillation_step.ts";
import { inferenceRow } from "./rows/inference.ts";
import { smallStepRow } from "./rows/small_step.ts";

/** Every row of the table, in its order. */
export const ROWS: readonly Row[] = [
  ...distillationSteps,
  smallStepRow,
  inferenceRow,
];
