import type { RunConfig } from "../experiments/config.ts";
import { resultsFolder } from "../experiments/project.ts";
import { resolveRunConfig } from "../experiments/resolve_config.ts";
import type { Json } from "../lib/train/mod.ts";
import { findConfig, type FoundConfig } from "./find_config.ts";
import { applySettings } from "./set_options.ts";
import { UsageError } from "./usage_error.ts";

/** The CONFIG of the commands that have one. */
export const CONFIG = {
  about: "a name (./ldlab train --list), or the path of a .json file",
} as const;

/** How the commands that have a CONFIG change it. */
export const SET_FLAG = {
  kind: "texts",
  value: "KEY=VALUE",
  about: "change a setting: a path such as terms.ld.temperature=5 or\n" +
    "model.backbone.depth=34; may be given again",
} as const;

/** Which of the runs of a config. */
export const SEED_FLAG = {
  kind: "number",
  whole: true,
  least: 0,
  default: 0,
  about: "of the start values and the order of the images",
} as const;

/** Nothing is downloaded without it. */
export const DOWNLOAD_FLAG = {
  kind: "switch",
  about: "allow the download of weights that the config names",
} as const;

/** Where runs are. */
export const FOLDER_FLAG = {
  kind: "text",
  value: "FOLDER",
  default: resultsFolder,
  about: "where runs are stored; results/ unless given",
} as const;

/** A run that was asked for, with what was set. */
export interface AskedConfig extends FoundConfig {
  /** As named, every setting spelt out. */
  readonly base: RunConfig;
}

/**
 * The run that was asked for, with the settings of `--set`, every setting spelt
 * out and checked.
 *
 * @param asked The CONFIG.
 * @param settings `key=value` each.
 * @throws {UsageError} If one of them is not in order.
 */
export async function askedConfig(
  asked: string,
  settings: readonly string[],
): Promise<AskedConfig> {
  const found = await findConfig(asked);
  const given = found.config as unknown as Json;
  const base = resolveRunConfig(found.config);
  const spelt = base as unknown as Json;
  const changed = applySettings(spelt, settings, {
    allowed: {
      "augmentation.flips": ["boolean", "text"],
      "model.regMax": ["number", "null"],
      clipNorm: ["number", "null"],
      // What a run may also do without.
      teacher: ["object", "null"],
      initial: ["object", "null"],
      inherit: ["text", "null"],
      precision: ["text", "null"],
      "augmentation.jitter": ["object", "null"],
      "backbone.deformable": ["object", "null"],
      "optimizer.perBatch": ["number", "null"],
      "optimizer.biases": ["object", "null"],
    },
    records: ["terms"],
  });
  // What only followed from other settings follows from the new ones.
  const config = withChanges(given, spelt, changed) as unknown as RunConfig;
  try {
    return { ...found, base, config: resolveRunConfig(config) };
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) {
      throw error;
    }
    throw new UsageError(error.message);
  }
}

/**
 * A config with the changes that were made to another spelling of it: where that
 * is as it was, the config stays as it is, which may be absent.
 */
function withChanges(
  given: Json | undefined,
  before: Json | undefined,
  after: Json | undefined,
): Json | undefined {
  if (before === after) return given; // what is the same is shared
  if (!isRecord(before) || !isRecord(after)) return after;
  const parts = isRecord(given) ? given : {};
  const names = Object.keys({ ...before, ...after });
  return Object.fromEntries(
    names
      .map((name) =>
        [name, withChanges(parts[name], before[name], after[name])] as const
      )
      .filter(([, value]) => value !== undefined),
  ) as Json;
}

function isRecord(
  value: Json | undefined,
): value is Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
