import { existsSync } from "node:fs";
import { join } from "node:path";
import { type RunConfig, runId } from "../config.ts";
import { RunStore } from "../store.ts";

/** How many of a row's runs are stored, diverged ones too: they are not run again. */
export type CountStored = (row: {
  /** The row's, with what its baseline has. */
  readonly config: RunConfig;
  /** How often the row is run. */
  readonly seeds: number;
}) => Promise<number>;

/**
 * Counts stored runs, and leaves no trace: the store need not be there, and one
 * that cannot be written will do.
 *
 * @param folder Where runs are stored.
 * @param body Told how to count.
 * @returns What the body does.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { SCALES } from "../scales.ts";
 * import { countingStored } from "./stored_runs.ts";
 * const row = { config: SCALES.smoke.student, seeds: 3 };
 * assert.equal(await countingStored("/no/such", (stored) => stored(row)), 0);
 * ```
 */
export async function countingStored<T>(
  folder: string,
  body: (stored: CountStored) => Promise<T>,
): Promise<T> {
  if (!existsSync(join(folder, "runs.sqlite"))) {
    return await body(() => Promise.resolve(0));
  }
  const store = new RunStore(folder, { forReading: true });
  try {
    return await body(async ({ config, seeds }) => {
      let stored = 0;
      for (let seed = 0; seed < seeds; seed++) {
        if (store.ended(await runId(config, seed))) stored++;
      }
      return stored;
    });
  } finally {
    store.close();
  }
}
