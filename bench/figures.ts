import type { Figure } from "./figure.ts";

/** Every figure, in its order. */
export const FIGURES: readonly Figure[] = [];
