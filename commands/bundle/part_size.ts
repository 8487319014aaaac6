import { UsageError } from "../usage_error.ts";

const UNITS: Record<string, number> = {
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
};

/** Smaller ones would be thousands. */
const LEAST = 2 ** 20;

/**
 * How large a part may be, in bytes.
 *
 * @param text As it is typed: `24MiB`.
 * @throws {UsageError} If it is no size, or below 1 MiB.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { partSize } from "./part_size.ts";
 *
 * assert.equal(partSize("24MiB"), 25165824);
 * assert.throws(() => partSize("24"), /current value is '24'/);
 * ```
 */
export function partSize(text: string): number {
  const [, count, unit] = /^(\d+) ?([A-Za-z]+)$/.exec(text) ?? [];
  const bytes = Number(count) * (UNITS[unit] ?? NaN);
  if (Number.isSafeInteger(bytes) && bytes >= LEAST) return bytes;
  throw new UsageError(
    `--part-size must be a whole number and ${
      Object.keys(UNITS).join(", ")
    }, at least 1MiB: current value is '${text}'`,
  );
}
