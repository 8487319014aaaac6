/** How GI imitation selects boxes. */
export interface GiOptions {
  /** Boxes kept a level, from 1; 10 by default. */
  readonly topk?: number;
  /** Boxes whose IoU with a kept one is greater are dropped, in [0, 1]; 0.3 by default. */
  readonly iouThreshold?: number;
  /**
   * Which boxes suppress each other and share the `topk`: those of the whole
   * `batch` as released (default), or those of one `image`.
   */
  readonly suppression?: "batch" | "image";
}

/** What `giRegion` does unless told: as the released code. */
export const GI_DEFAULTS = {
  topk: 10,
  iouThreshold: 0.3,
  suppression: "batch",
} as const;

/**
 * Refuses options that GI cannot select by; for whoever takes them as data before
 * there are predictions.
 *
 * @param options All of them.
 * @throws {RangeError} If `topk` is not a whole number from 1, the threshold not
 * in [0, 1] or `suppression` neither choice.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { GI_DEFAULTS, requireGiOptions } from "ldlab/regions/gi_options.ts";
 *
 * requireGiOptions(GI_DEFAULTS);
 * assert.throws(() => requireGiOptions({ ...GI_DEFAULTS, topk: 0 }), RangeError);
 * ```
 */
export function requireGiOptions(
  { topk, iouThreshold, suppression }: Required<GiOptions>,
): void {
  const task = "Cannot select GI boxes";
  if (!(Number.isInteger(topk) && topk >= 1)) {
    throw new RangeError(
      `${task}: topk must be a whole number from 1: current value is ${topk}`,
    );
  }
  if (!(iouThreshold >= 0 && iouThreshold <= 1)) {
    throw new RangeError(
      `${task}: iouThreshold must be in [0, 1]: current value is ${iouThreshold}`,
    );
  }
  if (suppression !== "batch" && suppression !== "image") {
    throw new RangeError(
      `${task}: suppression must be batch or image: current value is "${suppression}"`,
    );
  }
}
