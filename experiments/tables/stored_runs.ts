import { type RunConfig, runId } from "../config.ts";
import type { RunStore } from "../store.ts";

/**
 * How many of a row's runs are stored, diverged ones too: they are not run again.
 *
 * @param options.config The row's, with what its baseline has.
 * @param options.seeds How often the row is run.
 */
export async function storedRuns(
  store: RunStore,
  { config, seeds }: { readonly config: RunConfig; readonly seeds: number },
): Promise<number> {
  let stored = 0;
  for (let seed = 0; seed < seeds; seed++) {
    if (store.ended(await runId(config, seed))) stored++;
  }
  return stored;
}
