import { canonicalJson, type Json } from "../lib/train/mod.ts";
import type { RunConfig } from "./config.ts";
import { resolveRunConfig } from "./resolve_config.ts";

/** What is known: configs do not change. */
const known = new WeakMap<RunConfig, RunConfig>();

/**
 * A config without what goes without saying: each setting that may be absent is,
 * where its absence means the same. However a run is spelt it is one run then,
 * and it stays the same when a later version has further settings.
 *
 * @param config A config, resolved or not.
 * @returns The same run.
 * @throws {RangeError | TypeError} As `checkRunConfig()`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { resolveRunConfig } from "./resolve_config.ts";
 * import { SCALES } from "./scales.ts";
 * import { shortestConfig } from "./shortest_config.ts";
 * const { student } = SCALES.small;
 * const short = shortestConfig(student);
 * assert.equal(short.model.groups, undefined); // 32 goes without saying
 * assert.deepEqual(shortestConfig(resolveRunConfig(student)), short);
 * ```
 */
export function shortestConfig(config: RunConfig): RunConfig {
  const earlier = known.get(config);
  if (earlier) return earlier;
  // By itself: it takes long enough without its teacher's teachers.
  const own = { ...config, teacher: null };
  const meaning = meaningOf(own);
  const short = shorten(own, (node) => {
    try {
      return meaningOf(node as RunConfig) === meaning;
    } catch {
      return false; // what is gone now is needed
    }
  }) as RunConfig;
  const { teacher } = config;
  const shortest: RunConfig = {
    ...short,
    teacher: teacher &&
      ("config" in teacher
        ? { ...teacher, config: shortestConfig(teacher.config) }
        : teacher),
  };
  known.set(config, shortest);
  return shortest;
}

const meaningOf = (config: RunConfig) =>
  canonicalJson(resolveRunConfig(config) as unknown as Json);

/** A tree without the members that change nothing; lists are left whole. */
function shorten(node: object, isSame: (node: object) => boolean): object {
  let short = node;
  for (const [name, value] of Object.entries(node)) {
    const { [name]: _, ...rest } = short as Record<string, unknown>;
    if (isSame(rest)) {
      short = rest;
    } else if (
      typeof value === "object" && value !== null && !Array.isArray(value)
    ) {
      const at = (part: object) => ({ ...short, [name]: part });
      short = at(shorten(value, (part) => isSame(at(part))));
    }
  }
  return short;
}
