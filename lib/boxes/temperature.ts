import * as tf from "@tensorflow/tfjs-core";

/**
 * Refuses a temperature that no softmax can be divided by.
 *
 * @param task What cannot be done otherwise, as in "compute LD".
 * @param temperature τ: a finite number above 0, or a scalar tensor. A tensor's
 * value is not read, for reading it would stop a compiled step.
 * @throws {TypeError} If a tensor is not a scalar.
 * @throws {RangeError} If a number is not finite and above 0.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { requireTemperature } from "ldlab/boxes/temperature.ts";
 *
 * requireTemperature("compute LD", 10);
 * assert.throws(() => requireTemperature("compute LD", 0), RangeError);
 * ```
 */
export function requireTemperature(
  task: string,
  temperature: number | tf.Tensor,
): void {
  if (temperature instanceof tf.Tensor) {
    if (temperature.rank === 0) return;
    throw new TypeError(
      `Cannot ${task}: a temperature tensor must be a scalar: ` +
        `current shape is [${temperature.shape.join(", ")}]`,
    );
  }
  if (temperature > 0 && Number.isFinite(temperature)) return;
  throw new RangeError(
    `Cannot ${task}: temperature must be a finite number above 0: ` +
      `current value is ${temperature}`,
  );
}
