import { distillationLossEntries } from "./distillation_loss_entries.ts";
import { distributionLossEntries } from "./distribution_loss_entries.ts";
import { iouLossEntries } from "./iou_loss_entries.ts";
import type { LossEntries } from "./loss_entry.ts";
import { regressionLossEntries } from "./regression_loss_entries.ts";
import { scoreLossEntries } from "./score_loss_entries.ts";

/** Every loss, with its definition and the inputs that it must survive. */
export const lossTable: LossEntries = {
  ...distributionLossEntries,
  ...distillationLossEntries,
  ...scoreLossEntries,
  ...regressionLossEntries,
  ...iouLossEntries,
};
