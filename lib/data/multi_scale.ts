import { integerBelow, type Random } from "../random/random.ts";
import type { Scale } from "./keep_ratio.ts";

/** The scales that training draws from. Plain data, part of a run's config. */
export interface MultiScale {
  /**
   * `range`: either bound is a whole number between those of the two scales.
   * `value`: one of the scales, all equally likely.
   */
  readonly mode: "range" | "value";
  /** Two for `range`, at least one for `value`; first bounds with first bounds. */
  readonly scales: readonly Scale[];
}

/** The one scale of the 1x schedules and of testing. */
export const SINGLE_SCALE: MultiScale = {
  mode: "value",
  scales: [[1333, 800]],
};

/** The 2x schedules of GFL and of the published teachers. */
export const MULTI_SCALE_480_800: MultiScale = {
  mode: "range",
  scales: [[1333, 480], [1333, 800]],
};

/** The 2x schedules of GFLv2. */
export const MULTI_SCALE_480_960: MultiScale = {
  mode: "range",
  scales: [[1333, 480], [1333, 960]],
};

/**
 * Says whether an image has another size from draw to draw.
 *
 * Use it where what is known of an image at one size may be kept.
 *
 * @param multiScale What is drawn from.
 * @returns Whether there is more than one scale to draw.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { MULTI_SCALE_480_800, scaleVaries, SINGLE_SCALE } from "ldlab/data/multi_scale.ts";
 *
 * assert.ok(scaleVaries(MULTI_SCALE_480_800));
 * assert.ok(!scaleVaries(SINGLE_SCALE));
 * ```
 */
export function scaleVaries({ mode, scales }: MultiScale): boolean {
  return mode === "range" || scales.length > 1;
}

/**
 * Draws the scale an image is resized to.
 *
 * Use it once for an image and epoch with the sample's generator; give the scale
 * to `keepRatioSize`. In mode `range` each bound is drawn on its own, uniform
 * among the whole numbers from the smaller to the larger, both included.
 *
 * @param random The sample's generator. `range` takes two numbers from it,
 * `value` one, whatever the scales.
 * @param multiScale What to draw from.
 * @returns The scale in pixels.
 * @throws {RangeError} If a bound is not a positive integer, `range` has not two
 * scales, or `value` has none.
 * @see MMDetection 3.3.0 `RandomResize` and `RandomChoiceResize`; the same as
 * `multiscale_mode="range"` and `"value"` of its 2.x `Resize`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { drawScale, MULTI_SCALE_480_800 } from "ldlab/data/multi_scale.ts";
 *
 * assert.deepEqual(drawScale(() => 0, MULTI_SCALE_480_800), [1333, 480]);
 * assert.deepEqual(drawScale(() => 0.9999, MULTI_SCALE_480_800), [1333, 800]);
 * ```
 */
export function drawScale(random: Random, multiScale: MultiScale): Scale {
  checkMultiScale(multiScale);
  const { mode, scales } = multiScale;
  if (mode === "value") return scales[integerBelow(random, scales.length)];
  const [first, second] = scales;
  const draw = (a: number, b: number) =>
    Math.min(a, b) + integerBelow(random, Math.abs(a - b) + 1);
  return [draw(first[0], second[0]), draw(first[1], second[1])];
}

/**
 * Guards what scales are drawn from.
 *
 * @param multiScale The scales, as {@linkcode MultiScale} wants them.
 * @throws {RangeError} If a bound is not a positive integer, `range` has not two
 * scales, or `value` has none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { checkMultiScale } from "ldlab/data/multi_scale.ts";
 *
 * assert.throws(
 *   () => checkMultiScale({ mode: "range", scales: [[1333, 800]] }),
 *   { name: "RangeError", message: /needs two scales: current number is 1/ },
 * );
 * ```
 */
export function checkMultiScale({ mode, scales }: MultiScale): void {
  if (mode === "range" ? scales.length !== 2 : scales.length < 1) {
    throw new RangeError(
      `Cannot draw a scale: mode "${mode}" needs ${
        mode === "range" ? "two scales" : "at least one scale"
      }: current number is ${scales.length}`,
    );
  }
  for (const scale of scales) {
    if (!scale.every((bound) => Number.isInteger(bound) && bound >= 1)) {
      throw new RangeError(
        `Cannot draw a scale: bounds must be positive integers: current scale is [${scale}]`,
      );
    }
  }
}
