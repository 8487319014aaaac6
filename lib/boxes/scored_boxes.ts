/**
 * Refuses boxes and scores that suppression cannot use.
 *
 * Use it at the door of each function that suppresses. One box that is not finite
 * would keep others from being suppressed, silently: moving classes apart, sorting
 * and sums spread it.
 *
 * @param boxes Should be `[N, 4]`.
 * @param scores Should be `[N]`.
 * @param labels Should be `[N]` where given.
 * @throws {TypeError} If there are not 4 coordinates and 1 label for each score.
 * @throws {RangeError} If a coordinate is not finite or a score is not a number.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { requireScoredBoxes } from "ldlab/boxes/scored_boxes.ts";
 *
 * requireScoredBoxes(new Float32Array(8), new Float32Array(2));
 * assert.throws(
 *   () => requireScoredBoxes(new Float32Array(8), new Float32Array(3)),
 *   /boxes must be \[3, 4\], a row for each score: current length is 8/,
 * );
 * ```
 */
export function requireScoredBoxes(
  boxes: Float32Array,
  scores: Float32Array,
  labels?: Int32Array,
): void {
  if (boxes.length !== scores.length * 4) {
    throw new TypeError(
      `Cannot suppress boxes: boxes must be [${scores.length}, 4], a row for ` +
        `each score: current length is ${boxes.length}`,
    );
  }
  if (labels && labels.length !== scores.length) {
    throw new TypeError(
      `Cannot suppress boxes: there must be a label for each of the ` +
        `${scores.length} scores: current number of labels is ${labels.length}`,
    );
  }
  if (!boxes.every(Number.isFinite)) {
    const row = Math.floor(boxes.findIndex((x) => !Number.isFinite(x)) / 4);
    throw new RangeError(
      `Cannot suppress boxes: boxes must be finite: current box ${row} is ` +
        `[${boxes.subarray(row * 4, row * 4 + 4).join(", ")}]`,
    );
  }
  const unknown = scores.findIndex(Number.isNaN);
  if (unknown >= 0) {
    throw new RangeError(
      `Cannot suppress boxes: scores must be numbers: current score ${unknown} ` +
        "is NaN",
    );
  }
}

/**
 * Refuses a threshold outside [0, 1], the range of overlaps.
 *
 * @param what The threshold, as in "IoU threshold".
 * @param value Should be in [0, 1].
 * @throws {RangeError} If it is not.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { requireThreshold } from "ldlab/boxes/scored_boxes.ts";
 *
 * assert.throws(
 *   () => requireThreshold("IoU threshold", 1.5),
 *   /IoU threshold must be in \[0, 1\]: current value is 1.5/,
 * );
 * ```
 */
export function requireThreshold(what: string, value: number): void {
  if (!(value >= 0 && value <= 1)) {
    throw new RangeError(
      `Cannot suppress boxes: ${what} must be in [0, 1]: current value ` +
        `is ${value}`,
    );
  }
}

/**
 * Refuses a number that is not above 0.
 *
 * @param what The number, as in "sigma".
 * @param value Should be above 0; infinity is.
 * @throws {RangeError} If it is not.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { requirePositive } from "ldlab/boxes/scored_boxes.ts";
 *
 * assert.throws(
 *   () => requirePositive("sigma", 0),
 *   /sigma must be positive: current value is 0/,
 * );
 * ```
 */
export function requirePositive(what: string, value: number): void {
  if (!(value > 0)) {
    throw new RangeError(
      `Cannot suppress boxes: ${what} must be positive: current value is ${value}`,
    );
  }
}

/**
 * Refuses a negative limit of how many boxes to keep.
 *
 * @param limit Should be 0 or more; infinity is.
 * @param what Its name, `limit` unless given.
 * @throws {RangeError} If it is not.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { requireLimit } from "ldlab/boxes/scored_boxes.ts";
 *
 * assert.throws(() => requireLimit(-1), /limit must not be negative/);
 * ```
 */
export function requireLimit(limit: number, what: string = "limit"): void {
  if (!(limit >= 0)) {
    throw new RangeError(
      `Cannot suppress boxes: ${what} must not be negative: current value is ${limit}`,
    );
  }
}

/**
 * Refuses a name that is none of those known.
 *
 * @param what What is named, as in "measure".
 * @param value Should be one of the choices.
 * @param choices The names known.
 * @throws {RangeError} If it is none of them.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { requireOneOf } from "ldlab/boxes/scored_boxes.ts";
 *
 * assert.throws(
 *   () => requireOneOf("measure", "giou", ["iou", "diou"]),
 *   /measure must be iou or diou: current value is "giou"/,
 * );
 * ```
 */
export function requireOneOf(
  what: string,
  value: string,
  choices: readonly string[],
): void {
  if (choices.includes(value)) return;
  throw new RangeError(
    `Cannot suppress boxes: ${what} must be ${
      choices.slice(0, -1).join(", ")
    } ` +
      `or ${choices.at(-1)}: current value is "${value}"`,
  );
}
