import type { RunRecord, RunStore } from "../../experiments/store.ts";
import { UsageError } from "../usage_error.ts";

/** How an ID is typed, for the help. */
export const ID = {
  about: "a run's id, or its beginning (./ldlab runs list)",
} as const;

/**
 * The run whose id begins as was typed.
 *
 * @throws {UsageError} If there is none or more than one.
 */
export function findRun(store: RunStore, typed: string): RunRecord {
  const found = store.all().filter(({ id }) => id.startsWith(typed));
  if (found.length === 1 && typed !== "") return found[0];
  if (found.length === 0) {
    throw new UsageError(
      `There is no run '${typed}' in ${store.folder}. ./ldlab runs list shows ` +
        `the runs`,
    );
  }
  throw new UsageError(
    `'${typed}' may be one of ${found.length} runs: ${
      found.map(({ id, label, seed }) => `${id} (${label}, seed ${seed})`)
        .join(", ")
    }. Type more of its id`,
  );
}
