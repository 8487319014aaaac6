import type { Row } from "./row.ts";
import { distillationSteps } from "./rows/distillation_step.ts";

/** Every row of the table, in its order. */
export const ROWS: readonly Row[] = [...distillationSteps];
