/** A place where TensorFlow computes. */
export type DeviceName = "cpu" | `gpu:${number}`;

/**
 * The device that was asked for.
 *
 * @param asked `auto`, `cpu` or `gpu:0` and so on.
 * @returns The number of the card; null for the processor; `auto` for the first
 * card, or else the processor.
 * @throws {RangeError} If it is none of these.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { cardAsked } from "ldlab/engine/device.ts";
 *
 * assert.equal(cardAsked("gpu:1"), 1);
 * assert.equal(cardAsked("cpu"), null);
 * assert.throws(() => cardAsked("cuda"), /auto, cpu or gpu:0/);
 * ```
 */
export function cardAsked(asked: string): number | null | "auto" {
  if (asked === "auto") return asked;
  if (asked === "cpu") return null;
  const [, index] = asked.match(/^gpu:(\d+)$/) ?? [];
  if (index !== undefined) return Number(index);
  throw new RangeError(
    `Cannot open engine: device must be auto, cpu or gpu:0 (gpu:1 …): current ` +
      `value is '${asked}'`,
  );
}
