import type { Figure } from "./figure.ts";
import { growth } from "./figures/growth.ts";
import { memory } from "./figures/memory.ts";
import { peakShare } from "./figures/peak_share.ts";
import { recordTimes } from "./figures/record_time.ts";
import { scaling } from "./figures/scaling.ts";
import { batchWait, eventLoop } from "./figures/small_training.ts";

/** Every figure, in its order. */
export const FIGURES: readonly Figure[] = [
  ...recordTimes,
  memory,
  peakShare,
  growth,
  ...scaling,
  eventLoop,
  batchWait,
];
