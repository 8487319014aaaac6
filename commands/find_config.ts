import { checkRunConfig } from "../experiments/check_config.ts";
import type { RunConfig } from "../experiments/config.ts";
import {
  publishedConfig,
  publishedNames,
  type PublishedRun,
} from "../experiments/published/mod.ts";
import { SCALES } from "../experiments/scales.ts";
import { PRESETS } from "../lib/distill/mod.ts";
import { nearestName } from "../lib/data/nearest_name.ts";
import { UsageError } from "./usage_error.ts";

/** A run that was asked for. */
export interface FoundConfig {
  /** Its name, or the path of its file. */
  readonly name: string;
  readonly config: RunConfig;
  /** What was published of it, where it is a published one. */
  readonly published?: PublishedRun;
}

/** The runs of `./ldlab demo` by name. */
const DEMO_RUNS: Readonly<Record<string, RunConfig>> = Object.fromEntries(
  Object.entries(SCALES).flatMap(([scale, { teacher, student }]) => [
    [`${scale}_teacher`, teacher],
    [`${scale}_student`, student],
    [`${scale}_ld`, {
      ...student,
      terms: PRESETS.ld2021.terms,
      teacher: { config: teacher, seed: 0 },
    }],
  ]),
);

/**
 * The names that a command's CONFIG may be: the demo's runs, then the published
 * ones.
 */
export function configNames(): readonly string[] {
  return [...Object.keys(DEMO_RUNS), ...publishedNames()];
}

/**
 * Finds the run that a CONFIG asks for: one of {@linkcode configNames}, or the
 * path of a JSON file, which `--dry-run --json` writes.
 *
 * @throws {UsageError} If there is no such name or file, or the file is no config.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { findConfig } from "./find_config.ts";
 *
 * const { config } = await findConfig("small_student");
 * assert.equal(config.epochs, 24);
 * await assert.rejects(findConfig("smal_student"), /did you mean 'small_student'/);
 * ```
 */
export async function findConfig(asked: string): Promise<FoundConfig> {
  if (asked.endsWith(".json")) {
    return { name: asked, config: await readConfig(asked) };
  }
  if (Object.hasOwn(DEMO_RUNS, asked)) {
    return { name: asked, config: DEMO_RUNS[asked] };
  }
  if (publishedNames().includes(asked)) {
    const published = publishedConfig(asked);
    return { name: asked, config: published.config, published };
  }
  const near = nearestName(asked, configNames());
  throw new UsageError(
    `Cannot find the config '${asked}': it must be a name or the path of a ` +
      `.json file${near ? `; did you mean '${near}'?` : "."} ` +
      "./ldlab train --list shows all names",
  );
}

async function readConfig(path: string): Promise<RunConfig> {
  try {
    const config: RunConfig = JSON.parse(await Deno.readTextFile(path));
    checkRunConfig(config, path);
    return config;
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError(
      message.startsWith("Cannot ")
        ? message
        : `Cannot read the config ${path}: ${message}`,
    );
  }
}
