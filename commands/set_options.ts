import type { Json } from "../lib/train/canonical_json.ts";
import { nearestName } from "../lib/data/nearest_name.ts";
import { readSettingValue, type ValueKind } from "./setting_value.ts";
import { UsageError } from "./usage_error.ts";

/** What a config's own values do not say about those that may be set. */
export interface SettingsOptions {
  /**
   * What a value may be besides what it is, by the end of its path, `*` for any
   * one name: `{ "augmentation.flips": ["boolean", "text"] }`. A null without a
   * row may become anything.
   */
  readonly allowed?: Readonly<Record<string, readonly ValueKind[]>>;
  /** Records whose entries null takes out, by the end of their path: `terms`. */
  readonly records?: readonly string[];
}

/**
 * A config with some of its values replaced, as `--set key=value` says.
 *
 * Use it on a config with all options spelt out, absent ones as null, and check
 * what it gives as any other config: here only the kind of a value is.
 *
 * A key is a path: `model.backbone.depth`, or `steps.0` for the first of a list.
 * What it names must exist. A value is JSON; what is not is text as it stands,
 * so `horizontal` needs no quotes. It must be of the kind of the value that is
 * there (`SettingsOptions` knows more), a list's entries of the kinds of the
 * entries there. An object or a list is replaced as a whole. Settings count from
 * left to right: a later one may set a part of what an earlier one has replaced.
 *
 * @param config Plain data; it is not changed.
 * @param settings `key=value` each.
 * @returns The new config, which shares with the old one what is the same.
 * @throws {UsageError} If a key or a value is not in order, or a setting would
 * undo one before it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { applySettings } from "./set_options.ts";
 *
 * const config = { epochs: 12, schedule: { steps: [8, 11] } };
 * assert.deepEqual(
 *   applySettings(config, ["epochs=24", "schedule.steps=[16,22]"]),
 *   { epochs: 24, schedule: { steps: [16, 22] } },
 * );
 * assert.throws(
 *   () => applySettings(config, ["schedule.stesp=[1]"]),
 *   /did you mean 'schedule.steps'/,
 * );
 * ```
 */
export function applySettings(
  config: Json,
  settings: readonly string[],
  options: SettingsOptions = {},
): Json {
  let result = config;
  const paths: string[] = [];
  for (const setting of settings) {
    const at = setting.indexOf("=");
    if (at < 1) {
      throw new UsageError(
        `Cannot set '${setting}': a setting is key=value, as epochs=24 is`,
      );
    }
    const [path, text] = [setting.slice(0, at), setting.slice(at + 1)];
    const earlier = paths.find((p) => p === path || p.startsWith(`${path}.`));
    if (earlier !== undefined) {
      throw refusal(path, `'${earlier}' is set before it, and would be lost`);
    }
    paths.push(path);
    result = replace(result, path.split("."), 0, text, options)!;
  }
  return result;
}

/**
 * A node of the config with the value at a path replaced.
 *
 * @param keys The path from the config's root.
 * @param depth How many of them lead to the node.
 */
function replace(
  node: Json,
  keys: readonly string[],
  depth: number,
  text: string,
  options: SettingsOptions,
): Json {
  const path = keys.join(".");
  const key = keys[depth];
  const here = keys.slice(0, depth).join(".");
  if (typeof node !== "object" || node === null) {
    const whole = node === null && here !== "" ? `: set '${here}' itself` : "";
    throw refusal(
      path,
      `${here || "the config"} is ${JSON.stringify(node)}, no object${whole}`,
    );
  }
  const present = member(node, key, { path, here });
  const isLast = depth === keys.length - 1;
  const isEntry = isLast && !Array.isArray(node) &&
    (options.records ?? []).some((pattern) => endsAt(here, pattern));
  const value = isLast
    ? readSettingValue(path, text, present, kindsAt(path, isEntry, options))
    : replace(present, keys, depth + 1, text, options);
  if (Array.isArray(node)) return node.with(Number(key), value);
  if (!isEntry || value !== null) return { ...node, [key]: value };
  const { [key]: _, ...rest } = node as Readonly<Record<string, Json>>;
  return rest;
}

/** A list's entry or an object's member, which must exist. */
function member(
  node: Json & object,
  key: string,
  { path, here }: { path: string; here: string },
): Json {
  const place = here || "the config";
  if (Array.isArray(node)) {
    if (/^(0|[1-9]\d*)$/.test(key) && Number(key) < node.length) {
      return node[Number(key)];
    }
    const known = node.length === 0
      ? "none"
      : `0 to ${node.length - 1}, by their place`;
    throw refusal(path, `${place} is a list without '${key}'; it has ${known}`);
  }
  const members = node as Readonly<Record<string, Json | undefined>>;
  const names = Object.keys(members)
    .filter((name) => members[name] !== undefined);
  if (names.includes(key)) return members[key]!;
  const nearest = nearestName(key, names);
  const meant = nearest === undefined
    ? ""
    : `, did you mean '${here === "" ? "" : `${here}.`}${nearest}'?`;
  throw refusal(
    path,
    `${place} has no '${key}'${meant || ";"} it has ${
      names.join(", ") || "nothing"
    }`,
  );
}

/** What may be set besides the kind that is there; undefined if nothing is said. */
function kindsAt(
  path: string,
  isEntry: boolean,
  { allowed = {} }: SettingsOptions,
): readonly ValueKind[] | undefined {
  const rows = Object.entries(allowed)
    .filter(([pattern]) => endsAt(path, pattern))
    .map(([, kinds]) => kinds);
  if (isEntry) rows.push(["null"]);
  return rows.length === 0 ? undefined : rows.flat();
}

/** Whether a path ends as a pattern says, whose `*` is any one name. */
function endsAt(path: string, pattern: string): boolean {
  const [keys, wanted] = [path.split("."), pattern.split(".")];
  const skipped = keys.length - wanted.length;
  return skipped >= 0 &&
    wanted.every((name, i) => name === "*" || name === keys[skipped + i]);
}

function refusal(path: string, reason: string): UsageError {
  return new UsageError(`Cannot set '${path}': ${reason}`);
}
