import type { Figure } from "./figure.ts";
import { batchWait, eventLoop } from "./figures/small_training.ts";

/** Every figure, in its order. */
export const FIGURES: readonly Figure[] = [eventLoop, batchWait];
