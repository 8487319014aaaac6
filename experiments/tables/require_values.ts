/**
 * Checks the values that a table is run with, in place of the paper's.
 *
 * @param values At least one, all different, each of the interval.
 * @param options.task For the error: `run Table 1a`.
 * @param options.name What they are: `temperatures`.
 * @param options.isFit Whether a value can be run.
 * @param options.interval The same in words: `above 0`.
 * @throws {RangeError} If they are not.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { requireValues } from "./require_values.ts";
 * const above = {
 *   task: "run Table 1a",
 *   name: "temperatures",
 *   isFit: (value: number) => value > 0,
 *   interval: "above 0",
 * };
 * requireValues([1, 10], above);
 * assert.throws(() => requireValues([1, 1], above), /must be at least one, different/);
 * ```
 */
export function requireValues(
  values: readonly number[],
  { task, name, isFit, interval }: {
    readonly task: string;
    readonly name: string;
    readonly isFit: (value: number) => boolean;
    readonly interval: string;
  },
): void {
  const isSet = new Set(values).size === values.length && values.length > 0;
  if (isSet && values.every(isFit)) return;
  throw new RangeError(
    `Cannot ${task}: ${name} must be at least one, different, ${interval}: ` +
      `current value is [${values}]`,
  );
}
