import { boxCases } from "./box_cases.ts";
import { denseHeadCases } from "./dense_head_cases.ts";
import { detectorCases } from "./detector_cases.ts";
import { distillationLossCases } from "./distillation_loss_cases.ts";
import { distillCases } from "./distill_cases.ts";
import type { EqualityCases } from "./equality_case.ts";
import { layerCases } from "./layer_cases.ts";
import { lossCases } from "./loss_cases.ts";
import { optimizerCases } from "./optimizer_cases.ts";
import { trainingStepCases } from "./training_step_cases.ts";

/** All that a compiled step must compute as the plain one does. */
export const equalityCases: EqualityCases = {
  ...boxCases,
  ...lossCases,
  ...distillationLossCases,
  ...layerCases,
  ...detectorCases,
  ...denseHeadCases,
  ...distillCases,
  ...optimizerCases,
  ...trainingStepCases,
};
