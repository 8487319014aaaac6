import { canonicalJson, type Json } from "../lib/train/canonical_json.ts";

type Parts = Readonly<Record<string, Json | undefined>>;

/** What stands at the start of lines and how they are compared. */
interface Frame {
  readonly indent: string;
  /** Whether there is a base; "above" where all of this is not in it. */
  readonly compared: boolean | "above";
}

/**
 * A config as lines of `key: value`, a level of it two columns further in.
 *
 * Use it for `--dry-run`. Text stands without quotes where `--set` reads it so,
 * lists and all else as JSON; the entries of a list of objects have their place
 * as their key. Beside a base, lines that differ from it begin with `*` and say
 * what was there.
 *
 * @param config Plain data with finite numbers.
 * @param base What it is compared with; nothing is marked unless given.
 * @returns Lines without a final line feed.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { configToText } from "./print_config.ts";
 *
 * const base = { model: { kind: "gfl", depth: 50 }, steps: [8, 11] };
 * assert.equal(
 *   configToText({ ...base, model: { kind: "gfl", depth: 18 } }, base),
 *   "  model:\n    kind:  gfl\n*   depth: 18 (was 50)\n  steps: [8, 11]",
 * );
 * ```
 */
export function configToText(config: Json, base?: Json): string {
  if (!hasParts(config)) return valueText(config);
  const frame = { indent: "", compared: base !== undefined };
  return memberLines(config, hasParts(base) ? base : {}, frame).join("\n");
}

/** The lines of an object's members, or of a list's entries. */
function memberLines(node: Parts, base: Parts, frame: Frame): string[] {
  const has = (side: Parts) => (key: string) => side[key] !== undefined;
  const keys = Object.keys(node).filter(has(node));
  const gone = frame.compared === true
    ? Object.keys(base).filter(has(base)).filter((key) => !has(node)(key))
    : [];
  const values = keys.filter((key) => !hasParts(node[key]));
  const width = Math.max(0, ...values.map((key) => key.length)) + 1;
  return [...keys, ...gone].flatMap((key) =>
    linesOf({ key, width }, node[key], base[key], frame)
  );
}

/** The lines of one member, which is in the config, in its base, or in both. */
function linesOf(
  { key, width }: { key: string; width: number },
  value: Json | undefined,
  base: Json | undefined,
  { indent, compared }: Frame,
): string[] {
  const inside = hasParts(value) && hasParts(base) &&
    Array.isArray(value) === Array.isArray(base);
  const differs = compared === true && !inside && !isSame(value, base);
  const gutter = !compared ? "" : differs || compared === "above" ? "* " : "  ";
  const start = `${gutter}${indent}`;
  const note = !differs
    ? ""
    : base === undefined
    ? " (new)"
    : ` (was ${valueText(base)})`;
  if (value === undefined) return [`${start}${key}: taken out${note}`];
  if (!hasParts(value)) {
    return [`${start}${`${key}:`.padEnd(width)} ${valueText(value)}${note}`];
  }
  const members = memberLines(value, inside ? base : {}, {
    indent: `${indent}  `,
    compared: differs ? "above" : compared,
  });
  const none = Object.keys(value).length === 0 ? " {}" : "";
  return [`${start}${key}:${none}${note}`, ...members];
}

/** Whether a value has lines of its own: an object, or a list that holds some. */
function hasParts(value: Json | undefined): value is Parts {
  if (typeof value !== "object" || value === null) return false;
  return !Array.isArray(value) || value.some(hasParts);
}

function isSame(a: Json | undefined, b: Json | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return canonicalJson(a) === canonicalJson(b);
}

/** Text that reads as itself bare, all else as JSON. */
function valueText(value: Json): string {
  const isBare = typeof value === "string" && !isJson(value) &&
    /^[^\s"[{\p{C}][^\p{C}]*(?<!\s)$/u.test(value);
  if (isBare) return value;
  if (!Array.isArray(value)) return JSON.stringify(value);
  return `[${value.map((entry) => JSON.stringify(entry)).join(", ")}]`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
