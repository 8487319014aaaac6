import type { RunConfig } from "../../experiments/config.ts";
import { resolveRunConfig } from "../../experiments/resolve_config.ts";
import type { Json } from "../../lib/train/mod.ts";

/**
 * A stored config with every setting spelt out; as it is where an older version
 * had settings that are not known any more.
 */
export function resolvedConfig(config: unknown): Json {
  try {
    return resolveRunConfig(config as RunConfig) as unknown as Json;
  } catch (error) {
    const isOld = error instanceof RangeError || error instanceof TypeError;
    if (!isOld) throw error;
    return config as Json;
  }
}
