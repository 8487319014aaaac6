import { canonicalJson, type Json } from "../../lib/train/mod.ts";
import type { RunConfig } from "../config.ts";
import { publishedConfig } from "../published/mod.ts";

/**
 * What of a config differs from another; what the other has and it has not is
 * null.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { runId } from "../config.ts";
 * import { publishedConfig } from "../published/mod.ts";
 * import { instead } from "./published_row.ts";
 * const { config } = publishedConfig("ld_retina_r50_1x");
 * const baseline = { ...publishedConfig("gfl_r18_fpn_1x_coco").config, replicas: 3 };
 * const same = { ...baseline, ...instead(baseline, config) };
 * assert.equal(await runId(same, 0), await runId(config, 0));
 * ```
 */
export function instead(
  baseline: RunConfig,
  config: RunConfig,
): Partial<RunConfig> {
  const names = Object.keys({ ...baseline, ...config }) as (keyof RunConfig)[];
  return Object.fromEntries(
    names
      .map((name) => [name, config[name] ?? null] as const)
      .filter(([name, value]) =>
        canonicalJson(value as Json) !==
          canonicalJson((baseline[name] ?? null) as Json)
      ),
  );
}

/** A published run as a difference from a baseline. */
export function publishedChange(
  baseline: RunConfig,
  name: string,
): Partial<RunConfig> {
  return instead(baseline, publishedConfig(name).config);
}
